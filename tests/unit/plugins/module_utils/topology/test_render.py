# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What the roles read from the topology model."""

import pytest
from helpers import errors, inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology import build_topology


def test_server_lines_name_every_member_in_the_order_of_ids():
    ensemble = model_of(inventory())["ensemble"]
    assert ensemble["server_lines"] == ["server.1=zk1:2888:3888", "server.2=zk2:2888:3888", "server.3=zk3:2888:3888"]
    assert ensemble["connection_string"] == "zk1:2181,zk2:2181,zk3:2181"
    assert ensemble["endpoints"] == ["zk1:2181", "zk2:2181", "zk3:2181"]
    assert ensemble["quorum"] == 2


def test_members_are_ordered_by_id_and_not_by_inventory():
    ensemble = model_of(inventory({"zk1": {"zookeeper_id": 30}}))["ensemble"]
    assert [member["id"] for member in ensemble["members"]] == [2, 3, 30]
    assert [member["host"] for member in ensemble["members"]] == ["zk2", "zk3", "zk1"]


def test_ports_of_the_inventory_reach_the_server_lines_and_endpoints():
    ports = {"zookeeper_client_port": 2281, "zookeeper_quorum_port": "2988", "zookeeper_election_port": 3988}
    ensemble = model_of(inventory({"zk2": ports}))["ensemble"]
    assert ensemble["server_lines"][1] == "server.2=zk2:2988:3988"
    assert ensemble["endpoints"][1] == "zk2:2281"
    assert ensemble["members"][1]["client_port"] == 2281


def test_members_are_looked_for_on_their_previous_client_port_as_well():
    ports = {"zookeeper_client_port": 2199, "zookeeper_previous_client_port": "2181"}
    ensemble = model_of(inventory({f"zk{n}": ports for n in (1, 2, 3)}))["ensemble"]
    assert ensemble["previous_client_port"] == 2181
    assert ensemble["members"][0]["client_ports"] == [2199, 2181]
    assert ensemble["endpoints"][0] == "zk1:2199"


@pytest.mark.parametrize("previous", [0, 2181])
def test_there_is_no_previous_client_port_without_a_change(previous):
    changes = {f"zk{n}": {"zookeeper_previous_client_port": previous} for n in (1, 2, 3)}
    ensemble = model_of(inventory(changes))["ensemble"]
    assert (ensemble["previous_client_port"], ensemble["members"][0]["client_ports"]) == (0, [2181])


def test_the_cluster_lists_shards_replicas_macros_and_remote_servers():
    cluster = model_of(inventory(), cluster="events")["cluster"]
    assert cluster["name"] == "events"
    assert [(shard["name"], [item["host"] for item in shard["replicas"]]) for shard in cluster["shards"]] == [
        ("01", ["ch1", "ch2"]),
        ("02", ["ch3", "ch4"]),
    ]
    assert cluster["macros"]["ch3"] == {"cluster": "events", "shard": "02", "replica": "ch3"}
    assert cluster["remote_servers"] == {
        "events": [
            {"shard": "01", "replicas": [{"host": "ch1", "port": 9000}, {"host": "ch2", "port": 9000}]},
            {"shard": "02", "replicas": [{"host": "ch3", "port": 9000}, {"host": "ch4", "port": 9000}]},
        ]
    }


def test_a_replica_carries_its_own_ports():
    ports = {"clickhouse_http_port": 18123, "clickhouse_tcp_port": 19000, "clickhouse_interserver_port": 19009}
    cluster = model_of(inventory({"ch2": ports}))["cluster"]
    replica = cluster["replicas"][1]
    assert (replica["http_port"], replica["tcp_port"], replica["interserver_port"]) == (18123, 19000, 19009)
    assert cluster["remote_servers"]["main"][0]["replicas"][1] == {"host": "ch2", "port": 19000}


def test_a_good_inventory_is_valid():
    assert errors(model_of(inventory())) == []


def test_an_ensemble_needs_no_cluster():
    model = model_of(inventory(gone=("ch1", "ch2", "ch3", "ch4")))
    assert errors(model) == []
    assert model["cluster"]["replicas"] == []


def test_names_are_listed_once_for_hosts_with_an_address():
    assert model_of(inventory(gone=("zk2", "zk3", "ch3", "ch4")), allow_unsafe_size=True)["names"] == [
        {"ip": "10.0.0.11", "name": "zk1"},
        {"ip": "10.0.0.21", "name": "ch1"},
        {"ip": "10.0.0.22", "name": "ch2"},
    ]


def test_a_host_in_both_groups_has_one_name():
    both = {"ansible_host": "10.0.0.1", "zookeeper_id": 1, "clickhouse_shard": "01"}
    model = build_topology({"db1": both}, ["db1"], ["db1"], allow_unsafe_size=True)
    assert errors(model) == []
    assert model["names"] == [{"ip": "10.0.0.1", "name": "db1"}]


def test_ids_may_be_written_as_text():
    ensemble = model_of(inventory({"zk1": {"zookeeper_id": "1"}, "zk2": {"zookeeper_id": " 2"}}))["ensemble"]
    assert [member["id"] for member in ensemble["members"]] == [1, 2, 3]


def test_the_address_for_cluster_traffic_has_precedence_over_ansible_host():
    model = model_of(
        inventory({"zk1": {"zookeeper_address": "192.168.7.11"}, "ch1": {"clickhouse_address": "192.168.7.21"}})
    )
    assert model["ensemble"]["members"][0]["ip"] == "192.168.7.11"
    assert {"ip": "192.168.7.21", "name": "ch1"} in model["names"]
    assert model["ensemble"]["server_lines"][0] == "server.1=zk1:2888:3888"


def test_a_host_without_an_address_uses_its_inventory_name():
    model = build_topology({"zk1.example.org": {"zookeeper_id": 1}}, ["zk1.example.org"], [], allow_unsafe_size=True)
    member = model["ensemble"]["members"][0]
    assert (member["name"], member["ip"], model["names"]) == ("zk1.example.org", None, [])


def test_an_address_that_is_a_name_takes_the_place_of_the_inventory_name():
    model = model_of(
        inventory({"zk1": {"ansible_host": "zk1.example.org"}, "ch1": {"ansible_host": "ch1.example.org"}})
    )
    assert model["ensemble"]["server_lines"][0] == "server.1=zk1.example.org:2888:3888"
    assert model["cluster"]["remote_servers"]["main"][0]["replicas"][0]["host"] == "ch1.example.org"
    assert "zk1" not in [entry["name"] for entry in model["names"]]


def test_an_inventory_of_bare_addresses_uses_them_as_names():
    model = build_topology({"10.0.0.1": {"zookeeper_id": 1}}, ["10.0.0.1"], [], allow_unsafe_size=True)
    assert model["ensemble"]["server_lines"] == ["server.1=10.0.0.1:2888:3888"]
    assert model["names"] == []


def test_ipv6_addresses_are_written_in_brackets():
    ensemble = build_topology({"fd00::1": {"zookeeper_id": 1}}, ["fd00::1"], [], allow_unsafe_size=True)["ensemble"]
    assert ensemble["server_lines"] == ["server.1=[fd00::1]:2888:3888"]
    assert ensemble["connection_string"] == "[fd00::1]:2181"


def test_ipv6_addresses_get_names_like_any_other():
    model = model_of(inventory({"zk1": {"ansible_host": "fd00::11"}}))
    assert model["ensemble"]["server_lines"][0] == "server.1=zk1:2888:3888"
    assert {"ip": "fd00::11", "name": "zk1"} in model["names"]


def test_shards_come_in_natural_order():
    changes = {"ch1": "s10", "ch2": "s9", "ch3": "s1", "ch4": "a"}
    model = model_of(inventory({host: {"clickhouse_shard": shard} for host, shard in changes.items()}))
    assert [shard["name"] for shard in model["cluster"]["shards"]] == ["a", "s1", "s9", "s10"]


def test_shards_come_in_the_order_of_the_variable():
    model = model_of(inventory(), shards=["02", "01"])
    assert [shard["name"] for shard in model["cluster"]["shards"]] == ["02", "01"]
    assert [shard["shard"] for shard in model["cluster"]["remote_servers"]["main"]] == ["02", "01"]


def test_shards_may_be_given_as_numbers():
    shards = {host: {"clickhouse_shard": n} for host, n in {"ch1": 1, "ch2": 1, "ch3": 2, "ch4": 2}.items()}
    model = model_of(inventory(shards), shards=[2, 1])
    assert errors(model) == []
    assert [shard["name"] for shard in model["cluster"]["shards"]] == ["2", "1"]
