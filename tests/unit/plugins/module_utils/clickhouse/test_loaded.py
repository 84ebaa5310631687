# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What a server shows after it has read its files, or has not."""

import json

import pytest
from helpers import http_server

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import Server
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.loaded import check_loaded

MACROS = {"shard": "01", "replica": "ch1"}
SHARDS = [{"shard": "01", "replicas": [{"host": "ch1", "port": 9000}, {"host": "ch2", "port": 9000}]}]
ROWS = [("main", 1, "ch2", 9000), ("main", 1, "ch1", 9000), ("other", 1, "x", 9000)]


def found(macros=None, rows=ROWS, clusters=None):
    """What is wrong with a server that has these macros and clusters."""
    tables = {
        "system.macros": [{"macro": name, "substitution": value} for name, value in (macros or MACROS).items()],
        "system.clusters": [dict(zip(("cluster", "shard_num", "host_name", "port"), row)) for row in rows],
    }

    def answer(query):
        (data,) = [data for table, data in tables.items() if table in query]
        return json.dumps({"data": data})

    with http_server(answer) as (port, _requests):
        findings = check_loaded(Server(port=port), "ch1", MACROS, {"main": SHARDS} if clusters is None else clusters)
    assert {finding.check for finding in findings} <= {"loaded"}
    return [f"{finding.subject}: {finding.found}, expected {finding.expected}" for finding in findings]


def test_a_server_that_has_read_its_files():
    assert found({**MACROS, "layer": "own"}) == []
    assert found(clusters={}) == []


@pytest.mark.parametrize(
    ("macros", "text"),
    [
        ({**MACROS, "shard": "02"}, "ch1: the macro shard is 02, expected 01"),
        ({"shard": "01"}, "ch1: the macro replica is missing, expected ch1"),
    ],
)
def test_macros_of_before(macros, text):
    assert found(macros) == [text]


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (ROWS[1:], "the cluster main is ch1:9000"),
        ([*ROWS, ("main", 2, "ch3", 9000)], "the cluster main is ch1:9000, ch2:9000; ch3:9000"),
        ([("main", 1, "ch1", 9000), ("main", 2, "ch2", 9000)], "the cluster main is ch1:9000; ch2:9000"),
        ([("main", 1, "ch1", 9001), ROWS[0]], "the cluster main is ch1:9001, ch2:9000"),
        ([], "the cluster main is missing"),
    ],
)
def test_clusters_of_before(rows, text):
    assert found(rows=rows) == [f"ch1: {text}, expected ch1:9000, ch2:9000"]


def test_a_server_that_does_not_answer_is_the_matter_of_other_checks():
    assert check_loaded(Server(port=1, timeout=1), "ch1", MACROS, {"main": SHARDS}) == []
