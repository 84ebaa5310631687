# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The registry compared with the inventory and the servers."""

from dataclasses import replace

import pytest
from layout_world import DDL, HOSTS, Znodes, inventory, statuses, world

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.check import check_layout
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.registry import check_registry
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.znodes import Paths
from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.entry import PORTS, Entry, encode
from ansible_collections.zoohouse.cluster.plugins.module_utils.registry.read import RegistryZnode

PATH = "/zoohouse/main"


def entry(name, **changes):
    shard = "01" if name in ("ch1", "ch2") else "02"
    return replace(Entry("main", shard, name, name, (name,), dict.fromkeys(PORTS, 9000), "18.16.1"), **changes)


def znode(item, path="", ephemeral=True):
    return RegistryZnode(path or f"/zoohouse{item.path}", encode(item), ephemeral)


ENTRIES = {host: znode(entry(host)) for host in HOSTS}


def world_of(znodes, **options):
    result = world(Znodes(), paths=Paths(ddl=DDL, registry=PATH), **options)
    result.tree.registry = list(znodes)
    return result


def findings(changes=None, gone=(), more=(), **options):
    """(severity, subject, found) of all findings. changes: entries by host."""
    entries = {**ENTRIES, **{host: znode(item) for host, item in (changes or {}).items()}}
    znodes = [item for host, item in entries.items() if host not in gone]
    result = world_of([*znodes, *more], **options)
    return [(item.severity, item.subject, item.found) for item in check_registry(result)]


def test_every_replica_is_registered():
    assert findings() == []
    found, _orphans = check_layout(world_of(ENTRIES.values()), "", 20)
    assert [item.severity for item in found if item.check == "registry"] == ["ok"]


def test_a_cluster_without_discovery_is_not_checked():
    found, _orphans = check_layout(world(Znodes()), "", 20)
    assert "registry" not in {item.check for item in found}


def test_a_replica_without_an_entry():
    assert findings(gone=["ch2"]) == [("critical", "ch2", "no entry, although it answers")]
    assert findings(gone=["ch2"], servers=statuses(gone=["ch2"])) == []


def test_an_entry_of_no_replica():
    found = findings(more=[znode(entry("ch9"))])
    assert found == [("critical", f"{PATH}/02/ch9", "an entry of ch9, which is not this replica in the inventory")]


def test_a_replica_that_has_moved_to_another_shard():
    found = findings(changes={"ch1": entry("ch1", shard="02")})
    assert [item[:2] for item in found] == [("critical", f"{PATH}/02/ch1"), ("critical", "ch1")]


def test_the_agent_of_another_host():
    found = findings(changes={"ch1": entry("ch1", host="ch2")})
    assert found == [("critical", "ch1", "the entry of the agent on ch2")]


@pytest.mark.parametrize("address", ["10.9.9.9", "ch2"])
def test_a_wrong_address(address):
    found = findings(changes={"ch1": entry("ch1", addresses=("ch1", address))})
    assert found == [("critical", "ch1", f"the addresses {address}")]


def test_an_address_that_no_server_has_in_its_clusters():
    replicas = [replace(item, names=item.names | {f"{item.name}.example.com"}) for item in inventory()]
    found = findings(changes={"ch1": entry("ch1", addresses=("ch1.example.com",))}, replicas=replicas)
    assert found == [("critical", "ch1", "the addresses ch1.example.com")]


@pytest.mark.parametrize(("state", "reason"), [("draining", "an operator"), ("lagging", "d.t"), ("readonly", "")])
def test_a_state_that_is_not_up(state, reason):
    (found,) = findings(changes={"ch3": entry("ch3", state=state, reason=reason)})
    assert found == ("warning", "ch3", f"{state} ({reason})" if reason else state)


def test_foreign_znodes_are_reported_and_ignored():
    foreign = [
        RegistryZnode(f"{PATH}/01/x", b"hello", True),
        RegistryZnode(f"{PATH}/note", b"hello", False),
        znode(entry("ch1"), f"{PATH}/01/ch5"),
        znode(entry("ch4", replica="ch6"), ephemeral=False),
    ]
    found = findings(more=foreign)
    assert [(severity, subject) for severity, subject, _found in found] == [
        ("warning", f"{PATH}/01/ch5"),
        ("warning", f"{PATH}/01/x"),
        ("warning", f"{PATH}/02/ch6"),
        ("warning", f"{PATH}/note"),
    ]
    assert found[1][2] == "a foreign znode: not JSON" and found[2][2] == "a foreign znode: a persistent znode"


def test_what_stands_in_the_place_of_an_entry_is_not_one():
    found = findings(gone=["ch1"], more=[RegistryZnode(f"{PATH}/01/ch1", b"", True)])
    assert [item[:2] for item in found] == [("warning", f"{PATH}/01/ch1"), ("critical", "ch1")]
