# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What clickhouse_shared_config may contain."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.validate import (
    merge_tree_problems,
    validate_shared,
)

CONFIG = {
    "max_concurrent_queries": 200,
    "merge_tree": {"parts_to_throw_insert": 600},
    "macros": {"colour": "red"},
    "distributed_ddl": {"pool_size": 2},
}


def errors(config, version="25.8", history=10, taken=None, extra=None):
    found = list(validate_shared("ch1", version, config, history, "main", taken or {}, extra or {}))
    assert {error.subject for error in found} <= {"ch1"}
    return [(error.check.removeprefix("clickhouse_"), error.found, error.expected) for error in found]


def test_what_may_be_shared():
    assert errors(CONFIG) == []
    assert errors({}) == []


@pytest.mark.parametrize(
    ("config", "found", "expected"),
    [
        ({"max_concurent_queries": 1}, "unknown element max_concurent_queries", "max_concurrent_queries,"),
        ({"merge_trees": {"a": 1}}, "unknown element merge_trees", "merge_tree, which is similar"),
        ({"query_log": {"database": "x"}}, "unknown element query_log", "one of distributed_ddl, macros, merge_tree"),
        ({"max_concurrent_queries": "many"}, "max_concurrent_queries: many", "a whole number of at least 0"),
        ({"max_concurrent_queries": {"a": 1}}, "unknown element max_concurrent_queries", "one of"),
        ({"distributed_ddl": {"pool_sice": 2}}, "unknown element distributed_ddl/pool_sice", "distributed_ddl/"),
        ({"distributed_ddl": {"pool_size": 0}}, "distributed_ddl/pool_size: 0", "a whole number of at least 1"),
        ({"merge_tree": 5}, "merge_tree: 5", "a dict with its elements"),
        ({"merge_tree": {"a": {"b": 1}}}, "merge_tree/a: a dict", "text, a number, true or false"),
        ({"macros": {"a": [1, 2]}}, "macros/a: a list", "text, a number, true or false"),
        ({"macros": {"a": None}}, "macros/a: nothing", "a value"),
        ({"macros": {"@replace": "replace"}}, "macros/@replace", "the name of an element"),
        ({"macros": {"a/b": 1}}, "macros/a/b", "the name of an element"),
        ({"macros": {"a": "\x00"}}, "macros/a: the character U+0000, which XML cannot contain", ""),
        ({"macros": {"a": float("nan")}}, "macros/a: not a finite number", ""),
        ({"macros": {"s3_secret": "x"}}, "macros/s3_secret, which may be a secret", "no secrets"),
        ({"remote_servers": {"other": {}}}, "remote_servers, which cannot be shared: a cluster that a", ""),
        ({"zookeeper": {"root": "/"}}, "zookeeper, which cannot be shared: servers need it to read the others", ""),
    ],
)
def test_broken_and_unknown_elements(config, found, expected):
    ((variable, said, wanted),) = errors(config)
    assert variable == "shared_config" and said.startswith(found) and wanted.startswith(expected)


def test_what_the_role_or_another_variable_sets():
    ((_variable, found, _expected),) = errors({"macros": {"shard": "01"}})
    assert found == "the role sets macros/shard; use the variable clickhouse_shard"
    ((_variable, found, _expected),) = errors({"distributed_ddl": {"replicas_path": "/ddl/replicas"}})
    assert "clickhouse_distributed_ddl" in found
    taken = {"max_concurrent_queries": "clickhouse_server_settings"}
    ((_variable, found, _expected),) = errors(CONFIG, taken=taken)
    assert "clickhouse_server_settings" in found
    ((_variable, found, _expected),) = errors(CONFIG, extra={"merge_tree": {"parts_to_throw_insert": 300}})
    assert "clickhouse_extra_config" in found
    assert errors(CONFIG, extra={"merge_tree": {"old_parts_lifetime": 300}}) == []


def test_what_the_version_does_not_have():
    assert errors({"background_pool_size": 4}) == []
    ((_variable, found, _expected),) = errors({"background_pool_size": 4}, "18.16.1")
    assert found == "background_pool_size, which needs ClickHouse 22.5 or later; this is 18.16.1"


@pytest.mark.parametrize("history", [0, -1, 1000, "many", None, True])
def test_the_number_of_versions_that_are_kept(history):
    assert errors(CONFIG, history=history)[0][::2] == ("shared_config_history", "a whole number from 1 to 999")


def test_settings_of_merge_tree_are_those_of_the_server():
    settings = {"parts_to_throw_insert": "300", "ratio": "0.5", "storage_policy": "default", "flag": "0"}
    valid = {"merge_tree/ratio": "1", "merge_tree/storage_policy": "hot", "merge_tree/flag": "true", "macros/a": "b"}
    assert list(merge_tree_problems(valid, settings)) == []
    wrong = {"merge_tree/rato": "1", "merge_tree/parts_to_throw_insert": "many"}
    assert list(merge_tree_problems(wrong, settings)) == [
        ("merge_tree/rato, which the server does not know", "ratio, which is similar"),
        ("merge_tree/parts_to_throw_insert: many", "a number"),
    ]
