# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Every engine loads users, profiles and quotas as the inventory means them, and they do there what they should."""

import hashlib
from dataclasses import replace

import pytest
from access import ACCESS
from engines import EngineFailure
from rendering import CONFIG, config_tree_arguments, evaluate, render, resolve
from test_configuration import by_name

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import has
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError
from ansible_collections.zoohouse.cluster.plugins.module_utils.config_tree import matches
from inventories import INVENTORIES, OTHERS, SMALL

LOADED = pytest.mark.parametrize("inventory", ["access"], indirect=True)
FILES = [f"{CONFIG}/users.d/{name}.xml" for name in ("profiles", "quotas", "users")]


def with_(**variables):
    return replace(SMALL, common={**SMALL.common, **variables})


def content(inventory, version, name):
    """What is in the root element of a fragment."""
    text = render(inventory, version)[f"{CONFIG}/users.d/{name}.xml"].strip()
    return text.removeprefix("<clickhouse>").removesuffix("</clickhouse>")


def lines(engine, query):
    return engine.query(query).splitlines()


@LOADED
def test_how_users_log_in(loaded):
    users = loaded.rows("SELECT name, toString(auth_type) AS auth, toString(auth_params) AS params FROM system.users")
    auth = {user["name"]: user["auth"].strip("[]'") for user in users}
    assert {name: auth[name] for name in ACCESS["clickhouse_users"]} == {
        "hashed": "sha256_password",
        "mysql": "double_sha1_password",
        "ready": "sha256_password",
        "open": "no_password",
        "corporate": "ldap",
        "realm": "kerberos",
        "certified": "ssl_certificate",
        "manager": "sha256_password",
        "granted": "sha256_password",
        "filtered": "sha256_password",
    }
    params = {user["name"]: user["params"] for user in users}
    assert '"directory"' in params["corporate"] and '"EXAMPLE.COM"' in params["realm"]
    assert '"common_names":["a","b"]' in params["certified"]


@LOADED
def test_the_hash_is_that_of_the_password(loaded, inventory, version):
    (text,) = [text for path, text in render(inventory, version).items() if path == FILES[2]]
    password = ACCESS["clickhouse_users"]["hashed"]["password"]
    (digest,) = lines(loaded, f"SELECT lower(hex(SHA256('{password.replace(chr(39), chr(92) + chr(39))}')))")
    assert digest == hashlib.sha256(password.encode()).hexdigest()
    assert f">{digest}<" in text
    (digest,) = lines(loaded, "SELECT lower(hex(SHA1(SHA1('open sesame'))))")
    assert f"<password_double_sha1_hex>{digest}<" in text


@LOADED
def test_where_users_log_in_from(loaded):
    users = by_name(loaded.rows("SELECT name, host_ip, host_names, host_names_regexp FROM system.users"))
    columns = ("host_ip", "host_names", "host_names_regexp")
    found = {name: tuple(sorted(user[column]) for column in columns) for name, user in users.items()}
    assert found["hashed"] == (["10.0.0.0/8", "fd00::/8"], [], ["^app[0-9]+[.]example[.]com$"])
    assert found["mysql"] == (["::/0"], [], [])
    assert found["ready"] == ([], ["localhost"], [])
    # The address of the loopback has a name of its own.
    assert found["open"] in ((["127.0.0.1"], [], []), ([], ["localhost"], []))


@LOADED
def test_what_users_may_do(loaded):
    rows = loaded.rows("SELECT user_name, toString(access_type) AS type, database FROM system.grants")
    granted = {(row["type"], row["database"]) for row in rows if row["user_name"] == "granted"}
    assert granted == {("SELECT", "demo"), ("SHOW", None)}
    selects = {row["database"] for row in rows if row["user_name"] == "hashed" and row["type"] == "SELECT"}
    assert selects == {"demo", "other"}
    types = {name: {row["type"] for row in rows if row["user_name"] == name} for name in ("manager", "mysql")}
    everything = {"ALL"} & types["manager"]
    assert everything or {"CREATE USER", "ACCESS MANAGEMENT"} & types["manager"]
    assert not {"ALL", "CREATE USER", "ACCESS MANAGEMENT", "NAMED COLLECTION ADMIN"} & types["mysql"]
    (user,) = loaded.rows("SELECT default_database FROM system.users WHERE name = 'hashed'")
    assert user["default_database"] == "demo"


@LOADED
def test_filters_of_rows(loaded):
    """Other users of the files read all rows."""
    rows = loaded.rows("SELECT short_name, select_filter FROM system.row_policies WHERE table = 'hits'")
    filters = {row["short_name"]: row["select_filter"] for row in rows}
    assert filters.pop("filtered") == ACCESS["clickhouse_users"]["filtered"]["filters"]["demo"]["hits"]
    assert set(filters.values()) == {"1"} and {"admin", "cluster", "default", "hashed"} <= set(filters)


@LOADED
def test_profiles_with_their_parents_and_constraints(loaded):
    columns = "setting_name, value, min, max, toString(writability), inherit_profile"
    query = f"SELECT {columns} FROM system.settings_profile_elements WHERE profile_name = 'short' ORDER BY index"
    none = r"\N"
    values = [line.split("\t") for line in lines(loaded, query)]
    assert values[0] == [none] * 5 + ["base"]
    assert {line[0]: line[1] for line in values[1:] if line[1] != none} == {
        "max_execution_time": "10",
        "load_balancing": "nearest_hostname",
        "max_replica_delay_for_distributed_queries": "60",
        "fallback_to_stale_replicas_for_distributed_queries": "0",
        "prefer_localhost_replica": "0",
    }
    limits = {line[0]: line[2:5] for line in values if line[2:5] != [none] * 3}
    assert limits == {
        "max_execution_time": ["1", "30", none],
        "max_block_size": [none, none, "CONST"],
        "max_threads": [none, "8", none],
    }


@LOADED
def test_a_profile_does_what_it_says(loaded):
    """The profile of the user that asks is extended, and inherits from two others."""
    names = ("max_threads", "max_block_size", "max_execution_time", "load_balancing")
    asked = ", ".join(f"toString(getSetting('{name}'))" for name in names)
    assert lines(loaded, f"SELECT {asked}") == ["3\t4096\t10\tnearest_hostname"]
    loaded.query("SELECT 1 SETTINGS max_execution_time = 30")
    for wrong in ("max_execution_time = 31", "max_execution_time = 0", "max_block_size = 1", "max_threads = 9"):
        with pytest.raises(ClickHouseError, match=r"Setting max_\w+ should"):
            loaded.query(f"SELECT 1 SETTINGS {wrong}")


@LOADED
def test_quotas(loaded):
    (quota,) = loaded.rows("SELECT toString(keys) AS keys, apply_to_list FROM system.quotas WHERE name = 'hourly'")
    assert quota == {"keys": "['ip_address']", "apply_to_list": ["hashed"]}
    columns = "quota_name, duration, is_randomized_interval, max_queries, max_errors, max_result_rows, max_read_rows"
    query = f"SELECT {columns}, max_execution_time, max_query_inserts FROM system.quota_limits ORDER BY ALL"
    none = r"\N"
    assert [line.split("\t") for line in lines(loaded, query)] == [
        # The interval of the packages' quota is gone.
        ["default", "60", "0", none, none, none, none, none, none],
        ["hourly", "3600", "1", "100", "10", "1000", none, none, none],
        ["hourly", "86400", "0", none, none, none, "10000", "600", "5"],
    ]


def test_several_ways_to_log_in(version):
    methods = [{"password": "new"}, {"password": "old"}, {"ssl_certificates": {"common_name": ["a"]}}]
    inventory = with_(clickhouse_users={"rotating": {"auth_methods": methods}})
    errors = evaluate(inventory, version, "__clickhouse_input_errors")
    assert bool(errors) is not has(version, "users_several_methods")


def test_changeable_in_readonly_needs_a_setting_of_the_server(version, start):
    """The library does not read that setting, so it shows only what happens without it."""
    constraints = {"max_threads": {"changeable_in_readonly": True}}
    inventory = with_(clickhouse_profiles={"p": {"constraints": constraints}})
    (error,) = evaluate(inventory, version, "__clickhouse_input_errors")
    assert "settings_constraints_replace_previous" in error["hint"]
    with pytest.raises(EngineFailure):
        start(version, {"users.d/a.xml": content(inventory, version, "profiles")})
    setting = {"clickhouse_server_settings": {"settings_constraints_replace_previous": True}}
    allowed = replace(inventory, common={**inventory.common, **setting})
    assert evaluate(allowed, version, "__clickhouse_input_errors") == []


def test_circles_and_missing_quotas_load_without_an_error(version, start):
    """So they are validation errors."""
    circle = "<profiles><x><profile>y</profile></x><y><profile>x</profile></y></profiles>"
    start(version, {"users.d/a.xml": f"{circle}<users><u><no_password/><quota>nowhere</quota></u></users>"})


def test_grants_beside_another_right_stop_an_engine(version, start):
    login = "<no_password/><grants><query>GRANT SELECT ON *.*</query></grants>"
    start(version, {"users.d/a.xml": f"<users><u>{login}</u></users>"})
    for beside in (
        "<access_management>1</access_management>",
        "<allow_databases><database>d</database></allow_databases>",
    ):
        with pytest.raises(EngineFailure):
            start(version, {"users.d/a.xml": f"<users><u>{login}{beside}</u></users>"})


def test_the_role_finds_nothing_wrong_and_writes_one_fragment_for_each_concern(version):
    assert evaluate(OTHERS["access"], version, "__clickhouse_input_errors") == []
    assert [path for path in sorted(render(OTHERS["access"], version)) if path in FILES] == FILES
    assert not set(FILES) & set(render(INVENTORIES["small"], version))


def test_passwords_reach_no_file_and_hashes_no_diff():
    arguments = resolve(OTHERS["access"], "25.8", config_tree_arguments())
    files = render(OTHERS["access"], "25.8")
    assert not [path for path, text in files.items() if "open sesame" in text or "&lt;&amp;&gt;'&quot; ß" in text]
    assert all(matches(path, arguments["secret_paths"]) for path in FILES)
    (tree,) = [tree for tree in arguments["trees"] if tree["src"] == "users.d"]
    assert (tree["group"], tree["mode"]) == ("clickhouse", "0640")


def test_a_change_restarts_nothing():
    patterns = resolve(OTHERS["access"], "18.16", config_tree_arguments()["restart_paths"])
    assert not [path for path in FILES if matches(path, patterns)]


def test_the_role_validates_them():
    wrong = {
        "clickhouse_users": {"admin": {"password": "x", "profile": "missing"}},
        "clickhouse_profiles": {"a": {"profile": "a"}},
        "clickhouse_quotas": {"a": {}},
        "clickhouse_distributed_ddl": {"profile": "gone"},
    }
    checks = [error["check"] for error in evaluate(with_(**wrong), "25.8", "__clickhouse_input_errors")]
    assert checks == [
        "clickhouse_quotas",
        "clickhouse_users",
        "clickhouse_distributed_ddl",
        "clickhouse_profiles",
        "clickhouse_users",
    ]


@pytest.mark.parametrize(
    ("variable", "items"),
    [
        ("clickhouse_users", {"one": {"no_password": True, "networks": {"ip": ["::1"]}}}),
        ("clickhouse_profiles", {"one": {}}),
        ("clickhouse_quotas", {"one": {"intervals": [{"duration": 60, "queries": 5}]}}),
    ],
)
def test_one_of_them_alone_is_one_fragment(variable, items):
    inventory = with_(**{variable: items})
    assert evaluate(inventory, "18.16.1", "__clickhouse_input_errors") == []
    assert len(set(FILES) & set(render(inventory, "18.16.1"))) == 1
