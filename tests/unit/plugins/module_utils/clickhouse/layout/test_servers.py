# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What servers answer, from captured rows and from small servers that answer anything."""

import json

import pytest
from helpers import http_server
from hypothesis import given
from hypothesis import strategies as st
from layout_world import HITS, HOSTS, Captured, modern, statuses

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import Server
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.servers import (
    ServerTable,
    dropped_tables,
    read_server,
    read_servers,
    without,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
PARTS = ("functions", "collections", "access")


class Recording(Captured):
    def __init__(self, *args, **changes):
        super().__init__(*args, **changes)
        self.queries = []

    def rows(self, query):
        self.queries.append(query)
        return super().rows(query)


def test_a_captured_server():
    status = read_server(Captured("ch1"), "ch1")
    assert (status.error, status.errors, status.version, status.hostname) == ("", {}, "18.16.1", "ch1")
    assert status.macros == {"cluster": "main", "replica": "ch1", "shard": "01"}
    assert status.settings == {"max_replicated_logs_to_keep": 10000, "replicated_deduplication_window": 100}
    assert status.clusters[0] == ("main", 1, "ch1", True)
    (table,) = status.tables
    assert (table.name, table.path, table.replica) == ("layout_probe.hits", HITS, "ch1")
    assert table.settings["replicated_deduplication_window"] == 50


def test_18_16_is_not_asked_for_what_it_does_not_have_or_reads_from_zookeeper():
    server = Recording("ch1")
    status = read_server(server, "ch1", PARTS)
    text = " ".join(server.queries)
    for name in ("log_max_index", "log_pointer", "total_replicas", "active_replicas", "zookeeper_name", "functions"):
        assert name not in text
    assert (status.functions, status.collections, status.access) == (None, None, None)


def test_a_modern_server_is_asked_for_the_parts_that_are_wanted():
    server = Recording("ch1", **modern("ch1", functions=[{"name": "f"}]))
    status = read_server(server, "ch1", ("functions",))
    assert status.functions == frozenset(["f"]) and status.access is None
    assert any("zookeeper_name = 'default'" in query for query in server.queries)


def test_servers_that_are_down_or_reject_the_login():
    with http_server(lambda _query: "{}") as (port, _requests):
        pass
    with http_server(lambda _query: (401, "Code: 193. Wrong password\n")) as (rejecting, _requests):
        down, rejected = read_servers([(Server(port=port), "ch1"), (Server(port=rejecting), "ch2")], PARTS)
    assert "refused" in down.error and "Wrong password" in rejected.error
    assert (down.name, rejected.name) == ("ch1", "ch2") and down.tables is None


def test_a_part_that_fails_leaves_the_others():
    server = Captured("ch1")
    with http_server(
        lambda query: (
            (500, "Code: 999. No node\n") if "system.replicas" in query else json.dumps({"data": server.rows(query)})
        )
    ) as (port, _requests):
        status = read_server(Server(port=port), "ch1")
    assert status.errors == {"tables": "Code: 999. No node"} and status.tables is None
    assert status.error == "" and status.macros["shard"] == "01"


@given(
    JSON, st.sampled_from(["identity", "replicas", "tables", "macros", "clusters", "settings", "functions", "access"])
)
def test_an_answer_of_any_shape_never_raises(data, part):
    status = read_server(Captured("ch1", **{**modern("ch1"), part: data}), "ch1", PARTS)
    assert isinstance(status.error, str)


@pytest.mark.parametrize("version", ["head", "", None, 18])
def test_an_unknown_version_is_an_error(version):
    status = read_server(Captured("ch1", identity=[{"version": version, "hostname": "ch1"}]), "ch1")
    assert "is not a ClickHouse version" in status.error


def test_tables_that_were_dropped_meanwhile():
    before, after = list(statuses().values()), list(statuses().values())[:2]
    after[1].tables = [ServerTable("d.new", "/new", "ch2")]
    dropped = dropped_tables(before, after)
    assert {name: [table.path for table in tables] for name, tables in dropped.items()} == {"ch1": [], "ch2": [HITS]}
    assert [len(status.tables) for status in without(before, dropped)] == [1, 0, 1, 1]
    assert [status.name for status in without(before, dropped)] == list(HOSTS)
