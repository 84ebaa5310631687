# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Users, profiles and quotas together, and beside other variables."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users.validate import Wanted, validate_users

OLD, NEW = "18.16.1", "25.8.2.1"
KEY = {"password_sha256_hex": "0" * 64}
USERS, PROFILES, QUOTAS = "clickhouse_users", "clickhouse_profiles", "clickhouse_quotas"


def errors(version=NEW, **fields):
    return [(error.check, error.found) for error in validate_users("ch1", Wanted(version, **fields))]


def test_references_to_what_is_defined_somewhere():
    users = {
        "a": {**KEY, "profile": "readonly", "quota": "default"},
        "b": {**KEY, "profile": "p", "quota": "q"},
        "c": {**KEY, "profile": "extra"},
    }
    extra = {"profiles": {"extra": {}}}
    quotas = {"q": {"intervals": [{"duration": 60, "queries": 1}]}}
    assert errors(users=users, profiles={"p": {"profile": "extra"}}, quotas=quotas, extra_users=extra) == []


def test_settings_that_the_oldest_version_does_not_know():
    profiles = {"p": {"settings": {"max_memory_usag": 1}}}
    assert errors(OLD, profiles=profiles) == [(PROFILES, "p: unknown setting max_memory_usag")]
    assert errors(NEW, profiles=profiles) == []


def test_references_to_nothing():
    found = errors(
        users={"a": {**KEY, "profile": "p", "quota": "q"}}, profiles={"x": {"profile": ["y"]}}, ddl_profile="z"
    )
    assert found == [
        (USERS, "a: profile: p, which is not defined"),
        (USERS, "a: quota: q, which is not defined"),
        (PROFILES, "x: profile: y, which is not defined"),
        ("clickhouse_distributed_ddl", "profile: z, which is not defined"),
    ]


def test_circles():
    assert errors(profiles={"a": {"profile": "b"}, "b": {"profile": "a"}}) == [
        (PROFILES, "a circle: a inherits from b inherits from a")
    ]


def test_names_of_others():
    own = {"admin": "clickhouse_admin_user"}
    found = errors(users={"default": KEY, "admin": KEY, "a.b": KEY, "c": "secret"}, own=own)
    assert found == [
        (USERS, "a.b"),
        (USERS, "c: a value of type str"),
        (USERS, "default, a user of the packages"),
        (USERS, "admin, which is clickhouse_admin_user"),
    ]


def test_what_the_extra_configuration_sets_as_well():
    extra = {"users": {"a": {"profile": "p"}}, "profiles": {"p": {"max_threads": 1}}}
    (user, profile) = errors(users={"a": KEY}, profiles={"p": {}}, extra_users=extra)
    assert user == ("clickhouse_extra_users", "the role sets users/a; use the variable clickhouse_users")
    assert profile[1] == "the role sets profiles/p; use the variable clickhouse_profiles"


def test_open_users():
    users = {"a": {"no_password": True}}
    assert errors(users=users) == [(USERS, "a: no_password, from every network")]
    assert errors(users=users, allow_open_users=True) == []


def test_what_the_version_lacks():
    users = {"a": {"ldap": {"server": "x"}, "filters": {"d": {"t": "1"}}}}
    quotas = {"q": {"intervals": [{"duration": 60, "written_bytes": 1}]}}
    assert errors(OLD, users=users, quotas=quotas) == [
        (USERS, "a: ldap, which needs ClickHouse 20.9 or later; this is 18.16.1"),
        (USERS, "a: filters, which needs ClickHouse 20.1 or later; this is 18.16.1"),
        (QUOTAS, "q: written_bytes, which needs ClickHouse 22.5 or later; this is 18.16.1"),
    ]
    assert errors(users=users, quotas=quotas) == errors("newest", users=users, quotas=quotas) == []


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({}, 1),
        ({"server_settings": {"settings_constraints_replace_previous": True}}, 0),
        ({"server_settings": {"settings_constraints_replace_previous": False}}, 1),
        ({"extra_config": {"access_control_improvements": {"settings_constraints_replace_previous": 1}}}, 0),
    ],
)
def test_changeable_in_readonly_needs_a_setting_of_the_server(fields, count):
    profiles = {"p": {"constraints": {"max_threads": {"changeable_in_readonly": True}}}}
    assert len(errors(profiles=profiles, **fields)) == count


# --- clickhouse_extra_users


def extra_errors(extra, **fields):
    return errors(extra_users=extra, **fields)


def test_references_of_the_extra_users_to_what_is_defined_somewhere():
    extra = {
        "users": {
            "a": {"profile": "readonly", "quota": "default"},
            "b": {"profile": "p", "quota": "q"},
            "c": {"profile": {"#text": "x"}, "quota": None},
            "d": {"@remove": "remove", "profile": "gone"},
            "@note": "text",
            "default": {"profile": "default"},
        },
        "profiles": {"x": {"profile": ["p", "default"]}, "y": None},
    }
    quotas = {"q": {"intervals": [{"duration": 60, "queries": 1}]}}
    assert extra_errors(extra, profiles={"p": {"profile": "y"}}, quotas=quotas) == []


def test_references_of_the_extra_users_to_nothing():
    extra = {
        "users": {"a": {"profile": "missing", "quota": "none"}, "b": {"profile": {"#text": "lost"}}},
        "profiles": {"x": {"profile": ["default", "y"]}},
    }
    assert extra_errors(extra) == [
        ("clickhouse_extra_users", "users/a/profile: missing, which is not defined"),
        ("clickhouse_extra_users", "users/a/quota: none, which is not defined"),
        ("clickhouse_extra_users", "users/b/profile: lost, which is not defined"),
        ("clickhouse_extra_users", "profiles/x/profile: y, which is not defined"),
    ]


@pytest.mark.parametrize(
    ("profiles", "expected"),
    [({"reporting": {}}, "reporting, which is similar"), ({"web": {}}, "one of default, readonly, web")],
)
def test_a_reference_to_nothing_says_what_there_is(profiles, expected):
    wanted = Wanted(NEW, profiles=profiles, extra_users={"users": {"a": {"profile": "reportin"}}})
    (error,) = validate_users("ch1", wanted)
    assert (error.subject, error.expected) == ("ch1", expected)
    assert error.hint == "Define it in clickhouse_profiles, or in clickhouse_extra_users."


def test_what_the_extra_users_take_away_is_not_there():
    users = {"a": {**KEY, "profile": "readonly"}}
    removed = {"profiles": {"readonly": {"@remove": "remove"}}}
    assert extra_errors(removed, users=users) == [(USERS, "a: profile: readonly, which is not defined")]
    replaced = {"profiles": {"@replace": "replace", "default": {}}}
    assert extra_errors(replaced, users=users) == [(USERS, "a: profile: readonly, which is not defined")]


@pytest.mark.parametrize(
    "extra",
    [
        {"profiles": {"@incl": "profiles"}},
        {"profiles": {"@from_zk": "/profiles"}},
        {"profiles": {"include": {"@from_zk": "/profiles"}}},
        {"include": {"@from_zk": "/users"}},
    ],
)
def test_what_comes_from_elsewhere_may_have_any_name(extra):
    used, users = {"users": {"a": {"profile": "somewhere"}}}, {"b": {**KEY, "profile": "there"}}
    assert not [found for _check, found in extra_errors({**used, **extra}, users=users) if "not defined" in found]
    assert len(extra_errors(used, users=users)) == 2


def test_circles_with_the_extra_users():
    extra = {"profiles": {"a": {"profile": "b"}}}
    assert extra_errors(extra, profiles={"b": {"profile": "a"}}) == [
        (PROFILES, "a circle: a inherits from b inherits from a")
    ]
    alone = {"profiles": {"a": {"profile": "a"}}}
    assert extra_errors(alone) == [("clickhouse_extra_users", "a circle: a inherits from a")]


def test_settings_of_profiles_of_the_extra_users_that_the_oldest_version_does_not_know():
    profile = {"max_threads": 1, "max_memory_usag": 1, "profile": "readonly", "@remove_me": 1, "nosuch": 2}
    extra = {"profiles": {"default": profile, "gone": {"@remove": "remove", "x": 1}, "empty": None}}
    assert extra_errors(extra, version=OLD) == [
        ("clickhouse_extra_users", "profiles/default: unknown setting max_memory_usag"),
        ("clickhouse_extra_users", "profiles/default: unknown setting nosuch"),
    ]
    assert extra_errors(extra) == []
