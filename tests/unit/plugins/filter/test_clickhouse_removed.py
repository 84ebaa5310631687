# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The filter reads the variables of each host."""

import pytest
from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.filter.clickhouse_removed import clickhouse_removed_errors

SERVER = {
    "own": True,
    "macros": {"cluster": "main", "layer": "a"},
    "used_macros": ["layer"],
    "clusters": {"mirror": {"tables": ["demo.all"], "shards": []}},
    "role_elements": {"macros": ["layer"], "remote_servers": ["mirror"]},
}
BOTH = ["clickhouse_macros", "clickhouse_extra_clusters"]


def errors(variables, server=SERVER, extra_clusters=()):
    hostvars = {"ch1": {"read": {"deployed": server}, **variables}, "ch2": {"read": {"deployed": None}}, "ch3": {}}
    cluster = model_of(inventory())["cluster"]
    found = clickhouse_removed_errors(cluster, hostvars, "read", dict.fromkeys(extra_clusters))
    assert {error["subject"] for error in found} <= {"ch1"}
    return [error["check"] for error in found]


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, BOTH),
        ({"clickhouse_macros": {"layer": "a"}}, BOTH[1:]),
        ({"clickhouse_macros": '{"layer": "a"}'}, BOTH[1:]),
        ({"clickhouse_extra_config": {"macros": {"layer": "a"}, "remote_servers": {"mirror": {}}}}, []),
        ({"clickhouse_shared_config": {"macros": {"layer": "a"}}}, BOTH[1:]),
    ],
)
def test_a_macro_and_a_cluster_that_tables_use(variables, found):
    assert errors(variables) == found


def test_a_cluster_that_is_still_described():
    assert errors({"clickhouse_macros": {"layer": "a"}}, extra_clusters=["mirror"]) == []


def test_a_server_of_somebody_else_is_adopted_by_other_rules():
    assert errors({}, {**SERVER, "own": False}) == []
