# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Cluster discovery, functions, named collections and access entities."""

import json

import pytest
from layout_world import DDL, HOSTS, Znodes, details, modern, problems_of, statuses

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.znodes import Paths

DISCOVERY = Paths(ddl=DDL, discovery="/discovery")
PATHS = Paths(ddl=DDL, functions="/udf", collections="/nc", access="/access")


def modern_servers(parts=(), changes=None, gone=()):
    return statuses(
        parts=parts, changes={host: modern(host, **(changes or {}).get(host, {})) for host in HOSTS}, gone=gone
    )


def registered(hosts=HOSTS, shards=(1, 1, 2, 2), ephemeral=1):
    znodes = Znodes()
    for number, (host, shard) in enumerate(zip(hosts, shards)):
        node = {"version": 1, "address": f"{host}:9000", "shard_id": shard}
        znodes.add(f"/discovery/shards/{number:08}", json.dumps(node), ephemeral=ephemeral)
    return znodes


def test_every_server_is_registered():
    assert problems_of(registered(), modern_servers(), paths=DISCOVERY) == []


def test_a_server_that_is_not_registered_although_it_answers():
    znodes = registered(HOSTS[:3])
    assert problems_of(znodes, modern_servers(), paths=DISCOVERY) == [("discovery", "critical", "ch4")]
    assert details("discovery", znodes, modern_servers(gone=["ch4"]), paths=DISCOVERY) == []


@pytest.mark.parametrize("host", ["ch9", "", "\x00"])
def test_an_entry_of_an_unknown_host(host):
    znodes = registered([*HOSTS, host], (1, 1, 2, 2, 2))
    assert problems_of(znodes, modern_servers(), paths=DISCOVERY) == [("discovery", "critical", "/discovery")]


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"{}", b"[" * 50000, b'{"address": 1, "shard_id": 1e400}'])
def test_an_entry_that_cannot_be_read(data):
    znodes = registered().add("/discovery/shards/x", data, ephemeral=1)
    assert problems_of(znodes, modern_servers(), paths=DISCOVERY) == [("discovery", "critical", "/discovery")]


def test_numbers_of_shards_that_do_not_fit():
    found = problems_of(registered(shards=(1, 2, 2, 2)), modern_servers(), paths=DISCOVERY)
    assert {item[0] for item in found} == {"discovery"} and {item[2] for item in found} >= {"shard 01"}
    found = problems_of(registered(shards=(1, 1, 1, 1)), modern_servers(), paths=DISCOVERY)
    assert found == [("discovery", "critical", "shard 02")]


def test_a_persistent_entry():
    found = problems_of(registered(ephemeral=0), modern_servers(), paths=DISCOVERY)
    assert found == [("discovery", "warning", host) for host in HOSTS]


def objects():
    znodes = Znodes().add("/udf/function_twice.sql").add("/nc/s3%2Dbackup.sql").add("/access/uuid/1-2")
    return znodes.add("/access/U/ann", "1-2")


ROWS = {"functions": [{"name": "twice"}], "named_collections": [{"name": "s3-backup"}], "access": [{"name": "1-2"}]}
PARTS = ("functions", "collections", "access")


def test_objects_that_both_sides_have():
    servers = modern_servers(PARTS, dict.fromkeys(HOSTS, ROWS))
    assert problems_of(objects(), servers, paths=PATHS) == []


@pytest.mark.parametrize("part", ["functions", "named_collections", "access"])
def test_objects_that_only_one_side_has(part):
    name = "collections" if part == "named_collections" else part
    servers = modern_servers(PARTS, dict.fromkeys(HOSTS, ROWS) | {"ch2": {**ROWS, part: []}})
    assert problems_of(objects(), servers, paths=PATHS) == [(name, "warning", "ch2")]
    (finding,) = details(name, objects(), servers, paths=PATHS)
    assert finding.found == f"without {ROWS[part][0]['name']}"
    servers = modern_servers(PARTS, {host: {**ROWS, part: [*ROWS[part], {"name": "mine"}]} for host in HOSTS})
    assert [item.found for item in details(name, objects(), servers, paths=PATHS)] == ["with mine"] * 4


def test_18_16_has_none_of_them():
    assert problems_of(objects(), statuses(parts=PARTS), paths=PATHS) == []
