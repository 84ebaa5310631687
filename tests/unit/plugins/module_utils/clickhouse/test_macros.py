# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Macros beside those of the role."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.macros import validate_macros
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.server_settings import (
    elements_of,
    validate_settings,
)


def found(macros, metadata=None):
    return [error.found for error in validate_macros("ch1", macros, metadata or {})]


def test_valid_macros():
    assert found({"layer": "01", "rack_2": "a & b", "_x": 7, "databases": "/d", "nested": "{layer}/x"}) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("shard", "use the variable clickhouse_shard"),
        ("replica", "use the variable clickhouse_replica"),
        ("cluster", "use the variable topology_cluster"),
        ("uuid", "the server sets it for each table"),
        ("databases", "clickhouse_metadata.databases sets it"),
    ],
)
def test_names_that_are_taken(name, reason):
    assert found({name: "x"}, {"databases": {}}) == [f"the macro {name}: {reason}"]


@pytest.mark.parametrize("name", ["a-b", "1a", "a.b", "a b", "", 1])
def test_names_that_a_statement_cannot_have(name):
    assert found({name: "x"}) == [f"the name {name}"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        ("", "nothing"),
        (True, "True"),
        (["a"], "['a']"),
        ({"a": 1}, "{'a': 1}"),
        (" a", "' a'"),
        ("a\x00", "'a\\x00'"),
    ],
)
def test_values_that_are_no_text(value, text):
    assert found({"layer": value}) == [f"layer: {text}"]


def test_they_are_validated_with_the_other_settings():
    variables = {"clickhouse_macros": {"shard": "1", "layer": "a"}, "clickhouse_metadata": {}}
    assert [error.check for error in validate_settings("ch1", "18.16.1", variables)] == ["clickhouse_macros"]
    assert elements_of(variables)["macros/layer"] == "clickhouse_macros"
