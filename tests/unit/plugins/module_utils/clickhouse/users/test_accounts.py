# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Users: networks, rights, filters of rows."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users.accounts import (
    elements,
    features,
    is_open_everywhere,
    problems,
)

KEY = {"password_sha256_hex": "0" * 64}


def user(**options):
    return elements({"u": {**KEY, **options}}, "25.8.1")["users"]["u"]


def test_a_user_with_nothing_but_a_password():
    """Everything that versions understand differently is written: 18.16 lets nobody in without networks."""
    assert user() == {
        "@replace": "replace",
        **KEY,
        "networks": {"ip": ["::/0"]},
        "profile": "default",
        "quota": "default",
    }


def test_networks_in_the_form_that_every_version_understands():
    networks = {"ip": ["10.0.0.0/8", "::1"], "host": ["a.example.com"], "host_regexp": ["^b[.]example[.]com$"]}
    assert user(networks=networks)["networks"] == {**networks, "ip": ["10.0.0.0/255.0.0.0", "::1"]}


def test_rights():
    assert user(allow_databases=["a", "b"])["allow_databases"] == {"database": ["a", "b"]}
    assert user(access_management=True)["access_management"] == 1
    assert "access_management" not in user(access_management=False)
    assert user(grants=["GRANT SELECT ON a.*"])["grants"] == {"query": ["GRANT SELECT ON a.*"]}
    assert user(filters={"a": {"t": "x = 1"}})["databases"] == {"a": {"t": {"filter": "x = 1"}}}
    assert user(default_database="a", profile="p", quota="q")["default_database"] == "a"


@pytest.mark.parametrize(
    ("options", "found", "expected"),
    [
        ({"netwroks": {}}, "u: unknown key netwroks", "networks, which is similar"),
        ({"networks": ["10.0.0.0/8"]}, "u: networks: ['10.0.0.0/8']", "a dict with ip, host, host_regexp, each a list"),
        ({"networks": {}}, "u: networks: nothing", "a dict with ip, host, host_regexp, each a list"),
        ({"networks": {"ips": ["::1"]}}, "u: networks: unknown key ips", "ip, which is similar"),
        (
            {"networks": {"ip": ["10.0.0.0/99"]}},
            "u: networks: ip: 10.0.0.0/99",
            "addresses or networks such as 10.0.0.0/8",
        ),
        ({"networks": {"ip": "::1"}}, "u: networks: ip: ::1", "a list: addresses or networks such as 10.0.0.0/8"),
        ({"networks": {"host": ["a b"]}}, "u: networks: host: a b", "names of hosts"),
        (
            {"networks": {"host_regexp": ["^a"]}},
            "u: networks: host_regexp: ^a",
            "regular expressions that end with $, such as ^app[0-9]+[.]example[.]com$",
        ),
        (
            {"networks": {"host_regexp": ["^(a$"]}},
            "u: networks: host_regexp: ^(a$",
            "regular expressions that end with $, such as ^app[0-9]+[.]example[.]com$",
        ),
        ({"access_management": "yes"}, "u: access_management: yes", "true or false"),
        ({"allow_databases": []}, "u: allow_databases: nothing", "a list: names of databases"),
        ({"filters": {"a": {}}}, "u: filters: a: nothing", None),
        ({"filters": {"a": {"t.u": "x = 1"}}}, "u: filters: t.u", None),
        ({"filters": {"a": {"table": "x = 1"}}}, "u: filters: table", None),
        ({"filters": {"a": {"t": ""}}}, "u: filters: a.t: ", "a condition such as site = 1"),
        ({"profile": "a b"}, "u: profile: a b", None),
        ({"grants": ["SELECT ON a.*"]}, "u: grants: SELECT ON a.*", None),
        ({"grants": ["GRANT SELECT ON a.* TO u"]}, "u: grants: GRANT SELECT ON a.* TO u", None),
        ({"grants": ["REVOKE SELECT ON a.* FROM `u`"]}, "u: grants: REVOKE SELECT ON a.* FROM `u`", None),
        (
            {"grants": ["GRANT SELECT ON a.* TO u WITH GRANT OPTION"]},
            "u: grants: GRANT SELECT ON a.* TO u WITH GRANT OPTION",
            None,
        ),
        ({"grants": ["GRANT ON CLUSTER c SELECT ON a.*"]}, "u: grants: GRANT ON CLUSTER c SELECT ON a.*", None),
        (
            {"grants": ["GRANT SELECT ON a.*"], "allow_databases": ["a"]},
            "u: grants beside allow_databases, at which a server stops",
            "the same as statements in grants",
        ),
        (
            {"grants": ["GRANT SELECT ON a.*"], "access_management": True},
            "u: grants beside access_management, at which a server stops",
            "the same as statements in grants",
        ),
    ],
)
def test_problems(options, found, expected):
    ((text, wanted),) = problems("u", {**KEY, **options})
    assert text == found
    assert expected in (wanted, None)


def test_what_is_right():
    grants = ["GRANT SELECT(a, b) ON d.t WITH GRANT OPTION", "revoke INSERT ON *.*", "GRANT\n  SHOW ON *.*"]
    assert list(problems("u", {**KEY, "grants": grants, "access_management": False})) == []
    assert list(problems("u", {**KEY, "allow_databases": ["a.b"], "access_management": True})) == []


def test_features():
    options = {"grants": ["GRANT SELECT ON a.*"], "access_management": False, "filters": {"a": {"t": "1"}}}
    assert {feature for _where, feature in features("u", {**KEY, **options}) if feature} == {
        "users_grants",
        "users_filters",
    }


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"no_password": True}, True),
        ({"no_password": True, "networks": {"ip": ["0.0.0.0/0"]}}, True),
        ({"no_password": True, "networks": {"ip": ["10.0.0.0/8"]}}, False),
        ({"no_password": True, "networks": {"host": ["a"]}}, False),
        (KEY, False),
    ],
)
def test_who_can_log_in_without_a_password_from_everywhere(user, expected):
    assert is_open_everywhere(user) is expected
