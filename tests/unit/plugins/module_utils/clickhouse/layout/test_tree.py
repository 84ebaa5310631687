# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The tree: trees of any shape with any data are findings and never a traceback; 10,000 tables fit."""

import tracemalloc
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layout_world import DDL, HITS, HITS_2, NOW, ROOT, Znodes, check, inventory, statuses

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.check import check_layout
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.servers import ServerTable
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.tree import Tree
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.world import World
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.znodes import (
    REPLICA_KNOWN,
    REPLICA_READ,
    TABLE_KNOWN,
    TABLE_READ,
    Paths,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import OK
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.walk import Znode, walk

DATA = st.one_of(st.binary(max_size=60), st.sampled_from([b"\xff" * 9999, b"9" * 6000, "ä".encode("utf-16"), b""]))
PLACES = st.sampled_from(
    [
        *(f"{HITS}/replicas/ch1/{name}" for name in REPLICA_READ),
        *(
            f"{HITS}/{name}"
            for name in ("metadata", "columns", "quorum/status", "quorum/parallel/x", "quorum/failed_parts/x")
        ),
        f"{HITS}/replicas/\udcff/host",
        f"{DDL}/query-1",
        f"{DDL}/query-1/finished/x",
        f"{DDL}/query-1/other",
        f"{DDL}/strange",
        "/discovery/shards/1",
        "/db/replicas/r",
        "/db/max_log_ptr",
        "/db/log",
    ]
)
PATHS = Paths(ddl=DDL, ddl_replicas="/task_queue/replicas", discovery="/discovery", functions="/udf", access="/access")


@given(st.dictionaries(PLACES, DATA, max_size=12))
def test_any_data_is_findings(changes):
    znodes = Znodes()
    for path, data in changes.items():
        znodes.add(path, data)
    found, orphans = check(znodes, paths=PATHS)
    assert isinstance(found, list) and isinstance(orphans, list)


@given(st.lists(st.sampled_from(sorted(Znodes().znodes)[1:]), max_size=8), st.booleans())
def test_any_part_of_the_tree_may_be_missing(paths, answering):
    znodes = Znodes()
    for path in paths:
        if path in znodes.znodes:
            znodes.delete(path[len(ROOT) :])
    found, _orphans = check(znodes, None if answering else statuses(gone=["ch1", "ch3"]))
    for name, _severity, subject in found:
        assert name and subject
    # Every table of a server whose znodes are gone is found.
    if answering and ROOT + HITS not in znodes.znodes:
        assert ("replica_znodes", "critical", "ch1 layout_probe.hits") in found


@pytest.mark.parametrize("root", ["/", ""])
def test_without_a_chroot_the_own_znodes_of_zookeeper_are_not_read(root):
    tree = Tree(root, Paths())
    assert not tree.read("/zookeeper") and tree.read("/tables") and tree.read("/tables/zookeeper")


def test_a_replica_that_was_dropped_during_the_walk_and_its_table_are_left_out():
    tree = Tree(ROOT, Paths())
    for znode in walk([Znodes()], ROOT, tree.enter, read=tree.read):
        tree.add(znode)
    tree.forget(HITS, "ch1")
    assert list(tree.tables[HITS].replicas) == ["ch2"]
    tree.forget(HITS, "ch2")
    tree.forget("/never", "ch2")
    assert set(tree.tables) == {HITS_2}


def test_the_rows_of_a_keeper_map_are_not_read():
    znodes = Znodes().add("/keeper_map/one/metadata", "x").add("/keeper_map/one/data/row")
    assert check(znodes) == ([], [])
    assert not any(path.startswith(f"{ROOT}/keeper_map/one/") for path in znodes.requests)


def test_a_directory_with_the_names_of_a_keeper_map_is_read_when_a_server_has_a_table_below_it():
    tree = Tree(ROOT, Paths(), {"/tables/data/t"})
    znodes = Znodes().copy(HITS_2, "/tables/data/t").add("/tables/metadata")
    for znode in walk([znodes.delete("/tables/01").delete("/tables/02")], ROOT, tree.enter, read=tree.read):
        tree.add(znode)
    assert set(tree.tables) == {"/tables/data/t"}


def made(tree, tables, replicas=("ch1", "ch2")):
    """The znodes of many tables, as a walk over the tree returns them."""
    table_names, replica_names = tuple(TABLE_KNOWN), tuple(REPLICA_KNOWN)
    when = int((NOW - 3600) * 1000)

    def znode(path, data=b"", names=(), children=None):
        count = len(names) if children is None else children
        stat = SimpleNamespace(numChildren=count, ephemeralOwner=0, cversion=count, ctime=when, mtime=when)
        return Znode(ROOT + path, data, stat, tuple(names))

    for number in range(tables):
        path = f"/tables/01/database/table_{number}"
        schema = b"columns format version: 1\n%d columns:\n" % number + b"`column` String\n" * 50
        yield znode(path, names=table_names)
        for name in TABLE_READ:
            data = schema if name in ("metadata", "columns") else b""
            yield znode(f"{path}/{name}", data, replicas if name == "replicas" else (), 100 if name == "log" else None)
        for replica in replicas:
            yield znode(f"{path}/replicas/{replica}", names=replica_names)
            values = {"host": f"host: {replica}\nport: 9009\n".encode(), "log_pointer": b"100", "is_lost": b"0"}
            for name in REPLICA_READ:
                yield znode(f"{path}/replicas/{replica}/{name}", values.get(name, schema))


def many(tables):
    servers = statuses(gone=["ch3", "ch4"])
    for host in ("ch1", "ch2"):
        servers[host].tables = [
            ServerTable(f"database.table_{number}", f"/tables/01/database/table_{number}", host)
            for number in range(tables)
        ]
    return servers


def test_10000_tables_are_checked_with_few_findings():
    servers = many(10000)
    servers["ch2"].tables = servers["ch2"].tables[1:]
    tree = Tree(ROOT, Paths(ddl=DDL))
    for znode in made(tree, 10000, ("ch1", "ch2", "ch9")):
        assert tree.read(znode.path)
        tree.add(znode)
    for table in tree.tables.values():
        for replica in ("ch2", "ch9"):
            table.replicas[replica].names = table.replicas[replica].names - {"is_active"}
    world = World("main", ROOT, ["zk1"], Paths(ddl=DDL), inventory(), servers, tree, NOW, DEFAULTS)
    findings, orphans = check_layout(world, "", 20)
    assert len(orphans) == 10000
    counts = {}
    for finding in findings:
        if finding.severity != OK and finding.check != "servers":
            counts[finding.check] = counts.get(finding.check, 0) + 1
    assert counts == {"orphan_replica": 21, "table_on_server": 1, "is_active": 1}


def test_the_memory_of_a_table_is_bounded():
    """10,000 tables of two replicas take less than 60 MB, whatever the size of their schema."""
    tree = Tree(ROOT, Paths(ddl=DDL))
    tracemalloc.start()
    try:
        for znode in made(tree, 500):
            tree.add(znode)
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(tree.tables) == 500 and used < 500 * 6000
