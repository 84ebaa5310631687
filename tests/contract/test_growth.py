# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""While a replica joins, only its own remote_servers has it."""

from dataclasses import replace

import pytest
import rendering
from engines import Engine

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.server_config import is_joining, read_config
from inventories import INVENTORIES

SHARDS = INVENTORIES["shards"]
OLD, NEW = "10.0.0.21", "10.0.0.23"
DEPLOYED = {
    "own": True,
    "joining": False,
    "shards": [{"name": "east", "endpoints": [f"{OLD}:9000", "2001:db8::22:9000"]}],
}
STATE = {
    **{host: {"__clickhouse_server": {"deployed": DEPLOYED}} for host in (OLD, "2001:db8::22")},
    **{host: {"__clickhouse_server": {"deployed": None}} for host in (NEW, "ch4")},
}


@pytest.fixture
def configured(version, tmp_path):
    """The hosts of the cluster as an engine knows them, and whether the replica is marked as new."""
    engines = []

    def run(host, **variables):
        common = {**SHARDS.common, "topology_shards": ["east", "west", "north"], "hostvars": STATE, **variables}
        directory = tmp_path / str(len(engines))
        directory.mkdir()
        rendering.write(rendering.render(replace(SHARDS, host=host, common=common), version), directory)
        engines.append(Engine(version, directory))
        rows = engines[-1].rows("SELECT host_name FROM system.clusters WHERE cluster = 'main'")
        return {row["host_name"] for row in rows}, is_joining(read_config(str(directory / "config.xml")))

    yield run
    for engine in engines:
        engine.close()


def test_a_replica_that_joins(configured):
    both, everybody = {OLD, "2001:db8::22"}, {OLD, "2001:db8::22", NEW}
    assert configured(OLD) == (both, False)
    # The engine does not resolve the name of ch4.
    hosts, joining = configured(NEW)
    assert (hosts >= everybody, joining) == (True, True)


def test_a_first_run(configured):
    fresh = {host: {"__clickhouse_server": {"deployed": None}} for host in SHARDS.replicas}
    hosts, joining = configured(OLD, hostvars=fresh)
    assert (NEW in hosts, joining) == (True, False)
