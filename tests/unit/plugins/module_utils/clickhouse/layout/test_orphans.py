# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Orphans, other clusters and lost znodes, on a captured cluster with changes."""

import json
import shlex

import pytest
from helpers import CHECKOUT
from layout_world import HITS, HITS_2, HOSTS, ROOT, Znodes, check, details, inventory, modern, problems_of, statuses

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.world import Replica

GONE_HOST = "host: ch9\nport: 9009\ntcp_port: 9000\ndatabase: d\ntable: t\nscheme: http\n"


def orphan(active=False):
    """A replica on ch9 of the table of shard 01."""
    znodes = Znodes().copy(f"{HITS}/replicas/ch2", f"{HITS}/replicas/ch9")
    znodes.add(f"{HITS}/replicas/ch9/host", GONE_HOST)
    return znodes if active else znodes.delete(f"{HITS}/replicas/ch9/is_active")


def test_the_captured_cluster_has_no_problems():
    assert check(Znodes()) == ([], [])


def test_a_replica_of_a_removed_host_is_an_orphan_with_the_command_that_removes_it():
    found, orphans = check(orphan())
    assert found == [("orphan_replica", "critical", f"{HITS}/replicas/ch9")]
    assert [(item["kind"], item["path"], item["replica"], item["hosts"]) for item in orphans] == [
        ("replica", HITS, "ch9", ["ch9"])
    ]
    command = shlex.split(orphans[0]["command"])
    assert command[:4] == ["ansible", "zookeeper[0]", "-m", "zoohouse.cluster.zookeeper_znode"]
    assert json.loads(command[5]) == {
        "hosts": ["zk1:2181"],
        "path": f"{ROOT}{HITS}/replicas/ch9",
        "state": "absent",
        "recursive": True,
    }


def test_a_modern_server_removes_it_by_a_statement():
    servers = statuses(changes={host: modern(host) for host in HOSTS})
    _found, orphans = check(orphan(), servers)
    assert [item["command"] for item in orphans] == [f"SYSTEM DROP REPLICA 'ch9' FROM ZKPATH '{HITS}'"]
    (finding,) = details("orphan_replica", orphan(), servers)
    assert f"on ch1: SYSTEM DROP REPLICA 'ch9' FROM ZKPATH '{HITS}'" in finding.hint


def test_an_active_replica_of_an_unknown_host_is_another_cluster_and_no_orphan():
    found, orphans = check(orphan(active=True))
    assert (found, orphans) == ([("foreign_replica", "critical", f"{HITS}/replicas/ch9")], [])


def test_a_server_that_does_not_answer_makes_no_orphan():
    for gone in (["ch2"], ["ch1", "ch2"], HOSTS):
        found, orphans = check(Znodes(), statuses(gone=gone))
        assert orphans == []
        assert found == [("servers", "critical", host) for host in gone]


def test_a_new_replica_is_no_orphan():
    znodes = orphan()
    znodes.znodes[f"{ROOT}{HITS}/replicas/ch9"][1].ctime += 3590 * 1000
    assert check(znodes) == ([], [])


def test_the_replaced_host_of_a_replica_is_no_orphan():
    znodes = Znodes().add(f"{HITS}/replicas/ch2/host", GONE_HOST).delete(f"{HITS}/replicas/ch2/is_active")
    found, orphans = check(znodes, statuses(gone=["ch2"]))
    assert [item[0] for item in found] == ["servers", "is_active"] and orphans == []


def test_replicas_of_other_shards_may_have_the_name_of_an_orphan():
    replicas = [*inventory(("ch1", "ch2", "ch3")), Replica("ch4", "02", "ch9", frozenset(["ch4"]))]
    rows = [{"database": "d", "table": "t", "zookeeper_path": HITS_2, "replica_name": "ch9"}]
    macros = [{"macro": "shard", "substitution": "02"}, {"macro": "replica", "substitution": "ch9"}]
    servers = statuses(changes={"ch4": {"replicas": rows, "tables": [], "macros": macros}})
    _found, orphans = check(orphan(), servers, replicas)
    assert [(item["path"], item["replica"]) for item in orphans] == [(HITS, "ch9")]


def test_a_shard_that_is_down_may_have_the_tables_of_another():
    """A table of all shards, and hosts that register under names that only their servers know."""
    znodes = Znodes().copy(f"{HITS_2}/replicas/ch4", f"{HITS}/replicas/ch4")
    znodes.add(f"{HITS}/replicas/ch4/host", GONE_HOST.replace("ch9", "ch4.example.com"))
    znodes.delete(f"{HITS}/replicas/ch4/is_active")
    found, orphans = check(znodes, statuses(gone=["ch3", "ch4"]))
    assert orphans == [] and ("is_active", "critical", "ch4") in found
    # Once it answers, it is known that it does not have the table.
    found, orphans = check(znodes)
    assert [item["replica"] for item in orphans] == ["ch4"]


def test_a_table_that_no_server_has_is_an_orphan():
    znodes = Znodes().copy(HITS, "/tables/01/old")
    for replica in ("ch1", "ch2"):
        znodes.delete(f"/tables/01/old/replicas/{replica}/is_active")
    found, orphans = check(znodes)
    assert found == [("orphan_table", "critical", "/tables/01/old")]
    assert [(item["kind"], item["path"], item["hosts"]) for item in orphans] == [
        ("table", "/tables/01/old", ["ch1", "ch2"])
    ]
    assert f'"path": "{ROOT}/tables/01/old"' in orphans[0]["command"]
    # The server that is down may have it.
    found, orphans = check(znodes, statuses(gone=["ch2"]))
    assert orphans == []
    assert ("table_on_server", "critical", "/tables/01/old/replicas/ch1") in found


def test_a_table_without_replicas_is_an_orphan_only_when_every_server_answers():
    znodes = Znodes().copy(HITS, "/tables/01/old").delete("/tables/01/old/replicas")
    assert [item["path"] for item in check(znodes)[1]] == ["/tables/01/old"]
    assert check(znodes, statuses(gone=["ch4"]))[1] == []


def test_a_table_of_a_server_is_no_orphan_although_its_replicas_are():
    """Its own replica is gone and only an orphan is left: to remove the whole table would be wrong."""
    znodes = orphan()
    for host in ("ch1", "ch2"):
        znodes.delete(f"{HITS}/replicas/{host}")
    found, orphans = check(znodes)
    assert [(item["kind"], item["replica"]) for item in orphans] == [("replica", "ch9")]
    assert "orphan_table" not in {item[0] for item in found}


def test_a_table_that_is_being_created_is_no_orphan():
    znodes = Znodes().copy(HITS, "/tables/01/new").delete("/tables/01/new/replicas")
    znodes.add("/tables/01/new/replicas", age=5)
    znodes.znodes[f"{ROOT}/tables/01/new"][1].ctime += 3590 * 1000
    assert check(znodes) == ([], [])


def test_a_replica_with_a_name_of_the_inventory_is_no_orphan_while_a_server_may_have_its_table():
    znodes = Znodes().copy(f"{HITS_2}", "/tables/old").copy(f"{HITS}/replicas/ch1", "/tables/old/replicas/ch1")
    znodes.add("/tables/old/replicas/ch1/host", GONE_HOST)
    for replica in ("ch1", "ch3", "ch4"):
        znodes.delete(f"/tables/old/replicas/{replica}/is_active")
    found, orphans = check(znodes, statuses(gone=["ch3"]))
    assert orphans == [] and ("table_on_server", "critical", "/tables/old/replicas/ch1") in found


def test_a_table_that_its_server_does_not_have():
    """Captured: ch4 with its table detached."""
    servers = statuses("stuck")
    found, orphans = check(Znodes("stuck"), servers, now=1795673990.0)
    assert found == [("table_on_server", "critical", f"{HITS_2}/replicas/ch4")] and orphans == []
    (finding,) = details("table_on_server", Znodes("stuck"), servers, now=1795673990.0)
    assert "ch4 does not have the table" in finding.found and "ATTACH TABLE" in finding.hint


def test_an_active_replica_that_its_server_does_not_list_is_a_warning():
    servers = statuses(changes={"ch2": {"replicas": []}})
    assert problems_of(Znodes(), servers) == [("table_on_server", "warning", f"{HITS}/replicas/ch2")]


def test_znodes_that_are_gone_are_found_before_the_restart():
    found = problems_of(Znodes().delete(f"{HITS}/replicas/ch2"))
    assert found == [("replica_znodes", "critical", "ch2 layout_probe.hits")]
    found = problems_of(Znodes().delete(HITS))
    assert found == [("replica_znodes", "critical", f"{host} layout_probe.hits") for host in ("ch1", "ch2")]


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        ({}, "systemctl stop clickhouse-server, then follow docs/operating.md, A replica whose znodes are gone"),
        (
            {"ch2": modern("ch2")},
            "SYSTEM RESTART REPLICA `layout_probe`.`hits`; SYSTEM RESTORE REPLICA `layout_probe`.`hits`",
        ),
    ],
)
def test_the_recovery_of_a_replica_depends_on_its_version(changes, command):
    (gone,) = details("replica_znodes", Znodes().delete(f"{HITS}/replicas/ch2"), statuses(changes=changes))
    assert gone.hint.endswith(command)
    title = command.rpartition(", ")[2]
    assert changes or f"\n## {title}\n" in (CHECKOUT / "docs" / "operating.md").read_text()


def test_the_host_of_a_replica_is_the_one_that_claims_it():
    for host in ("ch1", "ch9", "", "\udcff"):
        data = GONE_HOST.replace("ch9", host).encode("utf-8", "surrogateescape")
        found = problems_of(Znodes().add(f"{HITS}/replicas/ch2/host", data))
        assert found == [("replica_host", "critical", f"{HITS}/replicas/ch2/host")], host


def test_the_host_may_be_named_as_the_server_names_itself():
    servers = statuses(changes={"ch2": {"identity": [{"version": "18.16.1", "hostname": "ch2.example.com"}]}})
    znodes = Znodes().add(f"{HITS}/replicas/ch2/host", GONE_HOST.replace("ch9", "ch2.example.com"))
    assert problems_of(znodes, servers) == []


def test_a_replica_that_is_not_in_the_inventory_any_more_and_still_runs():
    servers = statuses()
    del servers["ch4"]
    found = problems_of(Znodes(), servers, inventory(("ch1", "ch2", "ch3")))
    assert ("foreign_replica", "critical", f"{HITS_2}/replicas/ch4") in found


def database(active):
    path = "/db/replicas/01|ch9"
    znodes = Znodes().add(path, "ch9:9000:5d3a0f5e-0000-4000-8000-000000000000")
    znodes.add("/db/log", children=100000).add("/db/max_log_ptr", "1").add("/db/metadata", children=100000)
    return znodes.add(f"{path}/active", ephemeral=1) if active else znodes.add(f"{path}/log_ptr", "1")


def test_a_replicated_database_with_a_replica_of_a_removed_host():
    znodes = database(active=False)
    found, orphans = check(znodes)
    assert found == [("orphan_replica", "critical", "/db/replicas/01|ch9")]
    assert orphans[0]["command"] == "SYSTEM DROP DATABASE REPLICA 'ch9' FROM SHARD '01' FROM ZKPATH '/db'"
    assert f"{ROOT}/db/log" not in znodes.requests
    assert check(database(active=True)) == ([("foreign_replica", "critical", "/db/replicas/01|ch9")], [])
