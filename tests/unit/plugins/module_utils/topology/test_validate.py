# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Contradictions in an inventory are validation errors."""

import pytest
from helpers import errors, inventory, model_of
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology import build_topology


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, "nothing"),
        ("", "nothing"),
        ("one", "one"),
        (0, "0"),
        (256, "256"),
        (-1, "-1"),
        (1.5, "1.5"),
        (True, "True"),
        ([1], "[1]"),
    ],
)
def test_an_id_out_of_range_is_invalid(value, found):
    model = model_of(inventory({"zk2": {"zookeeper_id": value}}))
    assert errors(model) == [("zookeeper_id", "zk2", found, "a number from 1 to 255")]


def test_a_missing_id_is_invalid():
    hostvars = inventory()
    del hostvars["zk3"]["zookeeper_id"]
    assert errors(model_of(hostvars)) == [("zookeeper_id", "zk3", "nothing", "a number from 1 to 255")]


def test_the_ends_of_the_range_of_ids_are_accepted():
    assert errors(model_of(inventory({"zk1": {"zookeeper_id": 255}}))) == []


def test_an_id_of_two_members_is_invalid():
    model = model_of(inventory({"zk3": {"zookeeper_id": "1"}}))
    assert errors(model) == [("zookeeper_id", "zk1, zk3", "1 on each of them", "a unique id")]


@pytest.mark.parametrize("gone", [("zk2", "zk3"), ("zk3",)])
def test_a_single_or_even_ensemble_is_invalid(gone):
    hostvars = inventory(gone=gone)
    hosts = [host for host in hostvars if host.startswith("zk")]
    assert errors(model_of(hostvars)) == [
        (
            "topology_zookeeper_group",
            ", ".join(hosts),
            f"an ensemble of {len(hosts)}",
            "an odd number of members, at least 3",
        )
    ]


@pytest.mark.parametrize("gone", [("zk2", "zk3"), ("zk3",)])
def test_a_single_or_even_ensemble_is_accepted_when_allowed(gone):
    assert errors(model_of(inventory(gone=gone), allow_unsafe_size=True)) == []


def test_a_replica_twice_in_a_shard_is_invalid():
    model = model_of(inventory({"ch1": {"clickhouse_replica": "a"}, "ch2": {"clickhouse_replica": "a"}}))
    assert errors(model) == [
        (
            "clickhouse_replica",
            "ch1, ch2",
            "shard 01, replica a on each of them",
            "a unique pair of shard and replica",
        )
    ]


def test_a_replica_name_may_come_again_in_another_shard():
    assert errors(model_of(inventory({"ch1": {"clickhouse_replica": "a"}, "ch3": {"clickhouse_replica": "a"}}))) == []


def test_a_shard_without_replicas_is_invalid():
    model = model_of(inventory(), shards=["01", "02", "03"])
    assert errors(model) == [
        ("topology_shards", "03", "a shard without replicas", "at least one host with this clickhouse_shard")
    ]


def test_a_shard_that_is_not_listed_is_invalid():
    model = model_of(inventory({"ch4": {"clickhouse_shard": "03"}}), shards=["01", "02"])
    assert errors(model) == [("clickhouse_shard", "ch4", "03", "one of topology_shards (01, 02)")]


def test_a_shard_listed_twice_is_invalid():
    assert [item[:2] for item in errors(model_of(inventory(), shards=["01", "02", "01"]))] == [
        ("topology_shards", "01")
    ]


def test_a_cluster_without_an_ensemble_is_invalid():
    model = model_of(inventory(gone=("zk1", "zk2", "zk3")))
    assert errors(model) == [
        (
            "topology_zookeeper_group",
            "ch1, ch2, ch3, ch4",
            "a cluster without an ensemble",
            "at least one host in the group",
        )
    ]


NAMES = "a name of letters, digits, '.', '_' and '-'"


@pytest.mark.parametrize("variable", ["clickhouse_shard", "clickhouse_replica"])
@pytest.mark.parametrize(
    ("value", "found"),
    [(None, "nothing"), ("", "nothing"), ("a/b", "a/b"), ("{x}", "{x}"), (".a", ".a"), ("a\n", "a\n")],
)
def test_a_bad_name_is_invalid(variable, value, found):
    assert errors(model_of(inventory({"ch3": {variable: value}}))) == [(variable, "ch3", found, NAMES)]


def test_a_missing_shard_is_invalid():
    hostvars = inventory()
    del hostvars["ch2"]["clickhouse_shard"]
    assert errors(model_of(hostvars)) == [("clickhouse_shard", "ch2", "nothing", NAMES)]


@pytest.mark.parametrize(("cluster", "found"), [("", "nothing"), ("my cluster", "my cluster"), ("a/b", "a/b")])
def test_a_bad_name_of_the_cluster_is_invalid(cluster, found):
    assert [item[:3] for item in errors(model_of(inventory(), cluster=cluster))] == [("topology_cluster", "all", found)]


@pytest.mark.parametrize("cluster", ["1st", "my.cluster"])
def test_a_name_of_the_cluster_that_no_configuration_can_carry_is_invalid(cluster):
    assert [item[:3] for item in errors(model_of(inventory(), cluster=cluster))] == [
        ("topology_cluster", "all", cluster)
    ]


@pytest.mark.parametrize(
    ("host", "variable"),
    [
        ("zk1", "zookeeper_client_port"),
        ("zk2", "zookeeper_quorum_port"),
        ("zk3", "zookeeper_election_port"),
        ("ch1", "clickhouse_http_port"),
        ("ch2", "clickhouse_tcp_port"),
        ("ch3", "clickhouse_interserver_port"),
    ],
)
@pytest.mark.parametrize(("value", "found"), [(0, "0"), (65536, "65536"), ("http", "http"), (None, "nothing")])
def test_a_port_out_of_range_is_invalid(host, variable, value, found):
    model = model_of(inventory({host: {variable: value}}))
    assert errors(model) == [(variable, host, found, "a port from 1 to 65535")]


@pytest.mark.parametrize(("value", "found"), [(65536, "65536"), ("http", "http"), (None, "nothing")])
def test_a_previous_client_port_out_of_range_is_invalid(value, found):
    model = model_of(inventory({"zk1": {"zookeeper_previous_client_port": value}}))
    assert errors(model) == [("zookeeper_previous_client_port", "zk1", found, "a port from 1 to 65535, or 0")]


def test_one_port_for_two_things_on_a_host_is_invalid():
    model = model_of(inventory({"zk1": {"zookeeper_quorum_port": 3888}}))
    assert errors(model) == [
        (
            "zookeeper_quorum_port and zookeeper_election_port",
            "zk1",
            "port 3888 2 times on 10.0.0.11",
            "a different port for each",
        )
    ]


def test_one_port_of_both_services_on_a_host_is_invalid():
    both = {"ansible_host": "10.0.0.1", "zookeeper_id": 1, "clickhouse_shard": "01", "clickhouse_http_port": 2181}
    model = build_topology({"db1": both}, ["db1"], ["db1"], allow_unsafe_size=True)
    assert errors(model) == [
        (
            "zookeeper_client_port and clickhouse_http_port",
            "db1",
            "port 2181 2 times on 10.0.0.1",
            "a different port for each",
        )
    ]


def test_two_members_on_one_machine_are_invalid_whatever_their_ports():
    ports = {"zookeeper_client_port": 12181, "zookeeper_quorum_port": 12888, "zookeeper_election_port": 13888}
    model = model_of(inventory({"zk2": {"ansible_host": "10.0.0.11", **ports}}))
    assert errors(model) == [
        ("zookeeper_address", "zk1, zk2", "10.0.0.11 for each of them", "a separate machine for each")
    ]


def test_two_replicas_on_one_machine_are_invalid_however_the_address_is_written():
    model = model_of(inventory({"ch1": {"ansible_host": "fd00::21"}, "ch2": {"ansible_host": "FD00:0::21"}}))
    assert ("clickhouse_address", "ch1, ch2", "fd00::21 for each of them", "a separate machine for each") in errors(
        model
    )


def test_a_member_and_a_replica_may_share_a_machine_under_two_names():
    assert errors(model_of(inventory({"ch1": {"ansible_host": "10.0.0.11"}}))) == []


def test_a_port_of_both_services_on_one_machine_under_two_names_is_invalid():
    model = model_of(inventory({"ch1": {"ansible_host": "10.0.0.11", "clickhouse_tcp_port": 2181}}))
    variables = "zookeeper_client_port and clickhouse_tcp_port"
    assert errors(model) == [(variables, "zk1, ch1", "port 2181 2 times on 10.0.0.11", "a different port for each")]


def test_two_addresses_for_one_name_are_invalid():
    host = {
        "zookeeper_id": 1,
        "clickhouse_shard": "01",
        "zookeeper_address": "10.1.0.1",
        "clickhouse_address": "10.2.0.1",
    }
    model = build_topology(inventory({"zk1": host}), ["zk1", "zk2", "zk3"], ["zk1"])
    variables = "zookeeper_address and clickhouse_address"
    assert errors(model) == [(variables, "zk1", "10.1.0.1 and 10.2.0.1", "one address for zk1")]


def test_all_contradictions_are_reported_at_once():
    model = model_of(inventory({"zk1": {"zookeeper_id": 0}, "ch1": {"clickhouse_shard": "a/b"}}, gone=("zk3",)))
    assert [item[0] for item in errors(model)] == ["zookeeper_id", "clickhouse_shard", "topology_zookeeper_group"]
    assert all(error["severity"] == "critical" for error in model["validation_errors"])


# --- Any inventory


@given(
    members=st.integers(1, 4).map(lambda n: 2 * n + 1),
    shards=st.integers(1, 6),
    replicas=st.integers(1, 4),
    as_text=st.booleans(),
    with_addresses=st.booleans(),
)
def test_any_valid_inventory_is_accepted(members, shards, replicas, as_text, with_addresses):
    hostvars = {f"zk{n}": {"zookeeper_id": str(n) if as_text else n} for n in range(1, members + 1)}
    for shard in range(1, shards + 1):
        for replica in range(1, replicas + 1):
            hostvars[f"ch{shard}-{replica}"] = {"clickhouse_shard": f"{shard:02}" if as_text else shard}
    if with_addresses:
        for n, host in enumerate(hostvars, 1):
            hostvars[host]["ansible_host"] = f"10.0.0.{n}"
    model = model_of(hostvars)
    assert model["validation_errors"] == []
    assert len(set(model["ensemble"]["server_lines"])) == members
    assert [len(shard["replicas"]) for shard in model["cluster"]["shards"]] == [replicas] * shards
    assert len(model["names"]) == (len(hostvars) if with_addresses else 0)


VARIABLES = [
    *("zookeeper_id", "zookeeper_address", "zookeeper_client_port", "zookeeper_quorum_port", "zookeeper_election_port"),
    *("clickhouse_shard", "clickhouse_replica", "clickhouse_address", "ansible_host"),
    *("clickhouse_http_port", "clickhouse_tcp_port", "clickhouse_interserver_port", "zookeeper_previous_client_port"),
]
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
GARBAGE = st.one_of(SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.text(max_size=5), SCALARS, max_size=2))


@given(
    values=st.dictionaries(st.sampled_from(VARIABLES), GARBAGE),
    cluster=st.text(max_size=10),
    shards=st.lists(st.text(min_size=1, max_size=3), max_size=3),
)
def test_garbage_is_invalid_and_never_raises(values, cluster, shards):
    model = model_of(inventory({"zk1": values, "ch1": values}), cluster=cluster, shards=shards)
    for error in model["validation_errors"]:
        assert error["found"] and error["expected"] and error["subject"] and error["check"]


@pytest.mark.parametrize("shard", ["²", "9" * 5000])
def test_a_shard_of_odd_digits_never_raises(shard):
    model_of(inventory({"ch1": {"clickhouse_shard": shard}}))


@given(value=GARBAGE)
@example(value="257")
def test_an_id_that_is_no_number_in_range_is_always_invalid(value):
    model = model_of(inventory({"zk1": {"zookeeper_id": value}}))
    accepted = model["ensemble"]["members"][0]["id"] is not None
    variables = [error["check"] for error in model["validation_errors"] if error["subject"] == "zk1"]
    assert accepted != ("zookeeper_id" in variables)
