# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The extra configuration sets only what the role does not set."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.extra import CONFIG, validate_extra

NAMES = {"clickhouse_admin_user": "admin", "clickhouse_cluster_user": "cluster"}


def errors(config=None, users=None, **options):
    found = list(validate_extra("ch1", config or {}, users or {}, NAMES, "main", **options))
    assert all(error.subject == "ch1" for error in found)
    return [(error.check, error.found) for error in found]


def test_settings_that_the_role_does_not_set():
    config = {
        "max_connections": 100,
        "logger": {"size": "100M", "count": 3},
        "macros": {"layer": "01"},
        "remote_servers": {"all": {"shard": [{"replica": []}]}},
        "distributed_ddl": {"pool_size": 2},
        "zookeeper": {"operation_timeout_ms": 5000},
        "query_log": {"@remove": 1},
        "merge_tree": {"@replace": "replace", "parts_to_throw_insert": 300},
    }
    users = {"users": {"default": {"profile": "default"}, "reader": {"password": "x"}}, "profiles": {"default": {}}}
    assert errors(config, users) == []


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"http_port": 1}, "the role sets http_port; use the variable clickhouse_http_port"),
        ({"listen_host": ["::"]}, "the role sets listen_host; use the variable clickhouse_address"),
        ({"path": "/data"}, "the role sets path; use the variable clickhouse_paths"),
        ({"logger": {"level": "trace"}}, "the role sets logger/level; use the variable clickhouse_log_level"),
        ({"macros": {"shard": 1}}, "the role sets macros/shard; use the variable clickhouse_shard"),
        ({"remote_servers": {"main": {}}}, "the role sets remote_servers/main; it cannot be changed"),
        ({"logger": {"@remove": 1}}, "logger/@remove could change what the role sets: logger/level"),
        ({"logger": {"@incl": "log"}}, "logger/@incl could change what the role sets: logger/level"),
        ({"logger": "trace"}, "logger: expected a dict, because the role sets logger/level"),
        ({"logger": [{"level": "trace"}]}, "logger: expected a dict, because the role sets logger/level"),
    ],
)
def test_a_setting_of_the_role_names_its_variable(config, problem):
    assert errors(config) == [("clickhouse_extra_config", problem)]


def test_what_could_change_everything():
    for content in ({"@replace": 1}, {"include": {"@from_zk": "/all"}}):
        ((variable, problem),) = errors(content)
        assert (variable, problem.split()[1:5]) == ("clickhouse_extra_config", ["could", "change", "what", "the"])
        assert all(path in problem for path in CONFIG)


@pytest.mark.parametrize(
    ("users", "problem"),
    [
        ({"users": {"admin": {}}}, "the role sets users/admin; use the variable clickhouse_admin_user"),
        ({"users": {"cluster": None}}, "the role sets users/cluster; use the variable clickhouse_cluster_user"),
        (
            {"users": {"default": {"networks": {"ip": "::/0"}}}},
            "the role sets users/default/networks; it cannot be changed",
        ),
        (
            {"users": {"default": {"@remove": 1}}},
            "users/default/@remove could change what the role sets: users/default/networks",
        ),
    ],
)
def test_users_of_the_role_are_left_alone(users, problem):
    assert errors(users=users) == [("clickhouse_extra_users", problem)]


@pytest.mark.parametrize("ip", ["10.0.0.0/255.0.0.0", "10.0.0.7", "fd00::/8", "::1", ["10.0.0.7", "::/0"], []])
def test_networks_that_every_version_understands(ip):
    assert errors(users={"users": {"reader": {"networks": {"ip": ip}, "password": "x"}}}) == []


@pytest.mark.parametrize(
    ("ip", "problem"),
    [
        ("10.0.0.0/8", "users/reader/networks/ip: 10.0.0.0/8"),
        (["::1", "10.0.0.0/8"], "users/reader/networks/ip: 10.0.0.0/8"),
        ("everywhere", "users/reader/networks/ip: everywhere"),
        ("0.0.0.0/0", "users/reader/networks/ip: 0.0.0.0/0"),
    ],
)
def test_a_network_that_18_16_reads_as_everybody(ip, problem):
    reader = {"networks": {"ip": ip}, "password": "x"}
    assert errors(users={"users": {"reader": reader}}) == [("clickhouse_extra_users", problem)]


@pytest.mark.parametrize(
    "user",
    [
        {},
        {"password": ""},
        {"password": None, "networks": {"ip": "::/0"}},
        {"networks": {"ip": ["10.0.0.7", "0.0.0.0/0.0.0.0"]}},
        {"profile": "default"},
    ],
)
def test_a_user_that_is_open_to_everybody(user):
    problem = ("clickhouse_extra_users", "the user reader without a password may log in from every network")
    assert errors(users={"users": {"reader": user}}) == [problem]
    assert errors(users={"users": {"reader": user}}, allow_open_users=True) == []


@pytest.mark.parametrize(
    "user",
    [
        {"password_sha256_hex": "0" * 64},
        {"ldap": {"server": "main"}},
        {"networks": {"ip": "10.0.0.0/255.0.0.0"}},
        {"networks": {"host": "ch1.example.com"}},
        {"networks": None},
        {"@remove": "remove"},
    ],
)
def test_a_user_that_is_not_open_to_everybody(user):
    assert errors(users={"users": {"reader": user, "default": {"profile": "default"}}}) == []


@pytest.mark.parametrize(
    "users", [{"users": None}, {"users": {"reader": None}}, {"users": {"reader": {"networks": 1}}}]
)
def test_users_without_networks(users):
    assert [problem for problem in errors(users=users) if "expected a dict" not in problem[1]] == []


def test_what_xml_cannot_carry_names_the_variable_and_the_path_but_not_the_value():
    found = errors(users={"users": {"reader": {"password": "open\x00sesame"}}})
    assert found == [
        ("clickhouse_extra_users", "users/reader/password: the character U+0000, which XML cannot contain")
    ]


def test_what_another_variable_sets_is_taken():
    elements = {"max_connections": "clickhouse_server_settings"}
    config = {"max_connections": 7, "timezone": "UTC"}
    found = [error.found for error in validate_extra("ch1", config, {}, {}, "main", elements=elements)]
    assert found == ["the role sets max_connections; use the variable clickhouse_server_settings"]
    assert list(validate_extra("ch1", config, {}, {}, "main")) == []


def test_a_section_that_an_absent_znode_would_delete():
    lost = {"custom": {"part": [{"@from_zk": "/part", "@replace": "replace", "a": 1}]}}
    assert errors(lost) == [("clickhouse_extra_config", "custom/part: @from_zk together with @replace or @remove")]
    assert errors({"custom": {"@from_zk": "/part"}, "other": {"@replace": 1, "part": {"@from_zk": "/x"}}}) == []


# --- Names


def test_names_of_elements_that_are_mistakes():
    config = {"max_conections": 1, "my_rollup": {}, "merge_tree": {"@replace": "replace", "parts_to_throw_inser": 1}}
    (element,) = validate_extra("ch1", config, {}, NAMES, "main", version="25.8")
    assert (element.check, element.found) == ("clickhouse_extra_config", "unknown element max_conections")
    assert element.expected == "max_connections, which is similar"
    assert errors(config, version="18.16.1") == [
        ("clickhouse_extra_config", "unknown element max_conections"),
        ("clickhouse_extra_config", "merge_tree: unknown setting parts_to_throw_inser"),
    ]
    assert errors(config) == errors({"merge_tree": [{"nosuch": 1}]}, version="18.16.1") == []


def test_names_of_users_are_no_elements():
    assert errors(users={"macro": {}, "users": {"loger": {"password": "x"}}}, version="25.8") == []
