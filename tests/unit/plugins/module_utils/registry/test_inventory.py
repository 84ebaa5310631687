# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""An inventory from entries, from system.clusters, and from the configuration of the ensemble."""

import pytest
from helpers import model_of, rows

from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.entry import Entry
from ansible_collections.zoohouse.cluster.plugins.module_utils.registry.inventory import (
    NOT_REGISTERED,
    members_of,
    merged,
    replicas_of_clusters,
    replicas_of_entries,
    rows_of_cluster,
)

PORTS = {"http": 8123, "tcp": 9000, "interserver": 9009, "check": 9180}
CH1 = Entry("main", "01", "ch1", "ch1", ("ch1", "10.0.0.21"), PORTS, "18.16.1", 50, "lagging", "d.t")
ROWS = [
    {"cluster": "main", "shard_num": number, "host_name": host, "host_address": address, "port": 9000}
    for number, host, address in ((1, "ch1", "10.0.0.21"), (1, "ch2", "10.0.0.22"), (2, "ch3", ""))
]
CONFIG = "server.1=zk1:2888:3888:participant\nserver.2=zk2:2888:3888:participant\nserver.3=zk3:2888:3888\nversion=0"


def test_a_registered_replica():
    assert replicas_of_entries([CH1]) == {
        "ch1": {
            "ansible_host": "10.0.0.21",
            "clickhouse_shard": "01",
            "clickhouse_replica": "ch1",
            "clickhouse_http_port": 8123,
            "clickhouse_tcp_port": 9000,
            "clickhouse_interserver_port": 9009,
            "registry_state": "lagging",
            "registry_reason": "d.t",
            "registry_version": "18.16.1",
            "registry_weight": 50,
        }
    }


def test_shards_of_system_clusters_have_the_names_of_the_macros():
    hosts = replicas_of_clusters(ROWS, {"ch1": {"shard": "a", "replica": "r1"}})
    assert [item["clickhouse_shard"] for item in hosts.values()] == ["a", "a", "02"]
    assert [item["clickhouse_replica"] for item in hosts.values()] == ["r1", "ch2", "ch3"]
    assert [item["ansible_host"] for item in hosts.values()] == ["10.0.0.21", "10.0.0.22", "ch3"]


def test_only_the_rows_of_the_cluster_count():
    assert rows_of_cluster([*ROWS, {**ROWS[0], "cluster": "other"}], "main") == ROWS
    assert {"cluster", "shard_num", "host_name"} <= set(rows("figures", "clusters")[0])


def test_hosts_without_an_entry_are_added_once():
    clusters = replicas_of_clusters(ROWS, {"ch1": {"shard": "01", "replica": "ch1"}})
    hosts = merged(replicas_of_entries([CH1]), clusters)
    assert {host: item["registry_state"] for host, item in hosts.items()} == {
        "ch1": "lagging",
        "ch2": NOT_REGISTERED,
        "ch3": NOT_REGISTERED,
    }
    renamed = merged({"host-1": replicas_of_entries([CH1])["ch1"]}, clusters)
    assert list(renamed) == ["host-1", "ch2", "ch3"]


def test_members():
    members = members_of(CONFIG, [("zk1", 2182)])
    assert {host: item["zookeeper_id"] for host, item in members.items()} == {"zk1": 1, "zk2": 2, "zk3": 3}
    assert members["zk2"]["zookeeper_client_port"] == 2182 and members["zk2"]["zookeeper_quorum_port"] == 2888


@pytest.mark.parametrize(("endpoints", "hosts"), [([("zk1", 2181)], ["zk1"]), ([("a", 1), ("b", 2)], [])])
def test_an_ensemble_without_a_configuration(endpoints, hosts):
    assert list(members_of("version=0", endpoints)) == hosts


def test_the_topology_accepts_the_hosts():
    hosts = {**members_of(CONFIG, [("zk1", 2181)]), **replicas_of_entries([CH1])}
    model = model_of(hosts)
    assert model["validation_errors"] == []
    assert model["cluster"]["replicas"][0]["name"] == "ch1"
    assert model["ensemble"]["endpoints"] == ["zk1:2181", "zk2:2181", "zk3:2181"]
