# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Servers against the inventory, and against each other. None of it needs ZooKeeper."""

import pytest
from layout_world import HITS, Znodes, details, inventory, modern, problems_of, statuses

GONE = ("zookeeper", "critical", "/clickhouse/main")


def macros(**values):
    return [{"macro": name, "substitution": value} for name, value in {"cluster": "main", **values}.items()]


def rows_of(path, replica, table="hits", database="layout_probe"):
    return {"database": database, "table": table, "zookeeper_path": path, "replica_name": replica}


def clusters(*hosts, local="ch1"):
    return [
        {"cluster": "main", "shard_num": number, "host_name": host, "port": 9000, "is_local": int(host == local)}
        for number, host in hosts
    ]


def test_the_captured_servers_have_no_problems_without_an_ensemble():
    assert problems_of(None) == [GONE]


def test_a_server_that_does_not_answer_says_so_once():
    assert problems_of(None, statuses(gone=["ch2"])) == [("servers", "critical", "ch2"), GONE]
    (finding,) = details("servers", None, statuses(gone=["ch2"]))
    assert finding.found == "timed out" and "could not be compared" in finding.hint


def test_a_part_that_a_server_does_not_answer():
    servers = statuses(changes={"ch2": {"macros": [{"macro": "shard"}]}})
    assert [(item[0], item[2]) for item in problems_of(Znodes(), servers)] == [("servers", "ch2")]
    assert details("servers", None, servers)[0].found.startswith("macros: unexpected answer")


def test_a_part_that_needs_more_rights_is_a_warning():
    servers = statuses(parts=["access"], changes={"ch2": modern("ch2", access=[{"id": "1"}])})
    assert [item for item in problems_of(Znodes(), servers) if item[0] == "servers"] == [("servers", "warning", "ch2")]


@pytest.mark.parametrize("wrong", [{"shard": "02", "replica": "ch1"}, {"shard": "01", "replica": "ch2"}])
def test_macros_that_disagree_with_the_inventory(wrong):
    servers = statuses(changes={"ch1": {"macros": macros(**wrong)}})
    assert problems_of(Znodes(), servers) == [("macros", "critical", "ch1")]


def test_macros_that_disagree_with_the_znodes():
    """The macros are right, but the table was attached with others."""
    servers = statuses(changes={"ch1": {"replicas": [rows_of("/tables/09/layout_probe/hits", "ch1")]}})
    (finding,) = details("macros", None, servers)
    assert finding.subject == "ch1 layout_probe.hits"
    assert finding.found == "/tables/09/layout_probe/hits as replica ch1"
    assert finding.expected == f"{HITS} as replica ch1"


def test_a_table_with_a_macro_that_is_not_known_is_not_compared():
    tables = [{"database": "layout_probe", "name": "hits",
               "engine_full": "ReplicatedMergeTree('/t/{uuid}/{shard}', '{replica}') ORDER BY id"}]  # fmt: skip
    assert details("macros", None, statuses(changes={"ch1": {"tables": tables}})) == []


@pytest.mark.parametrize("engine", ["/t/{database}/{table}/{shard}", "t/{database}/{table}/{shard}/"])
def test_the_macros_of_the_server_itself(engine):
    tables = [{"database": "layout_probe", "name": "hits",
               "engine_full": f"ReplicatedMergeTree('{engine}', '{{replica}}') ORDER BY id"}]  # fmt: skip
    changes = {"ch1": {"tables": tables, "replicas": [rows_of("/t/layout_probe/hits/01", "ch1")]}}
    assert details("macros", None, statuses(changes=changes)) == []


def test_two_hosts_with_one_name_of_a_replica():
    servers = statuses(changes={"ch2": {"replicas": [rows_of(HITS, "ch1")], "tables": []}})
    found = problems_of(Znodes(), servers)
    assert ("duplicate_replica", "critical", f"{HITS}/replicas/ch1") in found
    (finding,) = details("duplicate_replica", Znodes(), servers)
    assert finding.found == "ch1 (layout_probe.hits) and ch2 (layout_probe.hits)"


def test_two_tables_of_one_server_on_one_path():
    rows = [rows_of(HITS, "ch1"), rows_of(HITS, "other", "other")]
    servers = statuses(changes={"ch1": {"replicas": rows}})
    assert ("shared_path", "critical", HITS) in problems_of(None, servers)


def test_a_table_that_was_renamed_on_one_replica_is_a_warning():
    servers = statuses(changes={"ch2": {"replicas": [rows_of(HITS, "ch2", "renamed")]}})
    assert problems_of(Znodes(), servers) == [("shared_path", "warning", HITS)]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (clusters((1, "ch1"), (1, "ch2"), (2, "ch3")), "main without ch4"),
        (clusters((1, "ch1"), (1, "ch2"), (2, "ch3"), (2, "ch4"), (2, "ch9")), "main with ch9"),
        (clusters((1, "ch1"), (1, "ch3"), (2, "ch2"), (2, "ch4")), "main replicas of several shards in shard 1"),
        (
            clusters((1, "ch1"), (1, "ch2"), (2, "ch3"), (2, "ch4"), local="none"),
            "main without an entry that is_local",
        ),
        ([], "main without ch1, ch2, ch3 and 1 more"),
    ],
)
def test_a_cluster_that_differs_from_the_inventory(rows, found):
    servers = statuses(changes={"ch1": {"clusters": rows}})
    assert problems_of(Znodes(), servers) == [("clusters", "critical", "ch1")]
    assert [item.found for item in details("clusters", Znodes(), servers)] == [found]


def test_a_replica_that_was_removed_from_the_inventory_is_still_in_the_clusters():
    servers = statuses()
    del servers["ch4"]
    found = details("clusters", None, servers, inventory(("ch1", "ch2", "ch3")))
    assert {item.found for item in found} == {"main with ch4"}
