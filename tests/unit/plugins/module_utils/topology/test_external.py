# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A cluster on an ensemble that somebody else runs."""

import pytest
from helpers import errors, inventory, model_of

REPLICAS = "ch1, ch2, ch3, ch4"
MEMBERS = ("zk1", "zk2", "zk3")
ZK = {"host": "zk1.example.com"}


def external(nodes, gone=MEMBERS, changes=None):
    own = {f"ch{n}": {"clickhouse_zookeeper_nodes": nodes} for n in (1, 2, 3, 4)}
    return model_of(inventory({**own, **(changes or {})}, gone))


def test_clients_find_it_by_its_addresses_and_it_has_no_members():
    nodes = [ZK, {"host": "[FD00::0001]", "port": "2182"}, {"host": "10.0.0.9", "port": 2281, "secure": "yes"}]
    model = external(nodes)
    assert errors(model) == []
    ensemble = model["ensemble"]
    assert (ensemble["external"], ensemble["members"], ensemble["quorum"]) == (True, [], 2)
    assert ensemble["addresses"] == [
        {"host": "zk1.example.com", "port": 2181, "secure": False},
        {"host": "fd00::1", "port": 2182, "secure": False},
        {"host": "10.0.0.9", "port": 2281, "secure": True},
    ]
    plain = ["zk1.example.com:2181", "[fd00::1]:2182"]
    assert ensemble["endpoints"] == ensemble["client_endpoints"] == plain
    assert ensemble["connection_string"] == "zk1.example.com:2181,[fd00::1]:2182"
    assert [name["name"] for name in model["names"]] == REPLICAS.split(", ")


def test_an_ensemble_of_the_inventory_has_addresses_too():
    """With a port that changes, servers and agents know both."""
    ports = {"zookeeper_client_port": 2199, "zookeeper_previous_client_port": 2181}
    ensemble = model_of(inventory(dict.fromkeys(MEMBERS, ports)))["ensemble"]
    assert ensemble["external"] is False
    assert [(item["host"], item["port"]) for item in ensemble["addresses"][:2]] == [("zk1", 2181), ("zk1", 2199)]
    assert ensemble["client_endpoints"][:2] == ["zk1:2199", "zk1:2181"]
    assert ensemble["endpoints"] == ["zk1:2199", "zk2:2199", "zk3:2199"]


@pytest.mark.parametrize(
    ("node", "found"),
    [
        ("zk1:2181", "zk1:2181"),
        ({}, "the host nothing"),
        ({"host": "zk1:2181"}, "the host zk1:2181"),
        ({"host": "zk 1"}, "the host zk 1"),
        ({**ZK, "port": 0}, "the port 0"),
        ({**ZK, "port": "http"}, "the port http"),
        ({**ZK, "tls": True}, "the unknown key tls"),
        ({**ZK, "secure": "perhaps"}, "secure: perhaps"),
    ],
)
def test_each_wrong_member_is_named(node, found):
    example = "a member such as {host: zk1.example.com, port: 2181}"
    expected = ("clickhouse_zookeeper_nodes, item 2", REPLICAS, found, example)
    assert errors(external([ZK, node])) == [expected]
    # There is an ensemble, although it has only a wrong member.
    assert [item[2] for item in errors(external([node]))] == [found]


def test_it_is_a_list():
    assert [item[2] for item in errors(external("zk1:2181"))] == ["zk1:2181"]


def test_the_group_is_empty_then():
    model = external([ZK], gone=())
    (error,) = model["validation_errors"]
    assert (error["check"], error["subject"]) == ("clickhouse_zookeeper_nodes", REPLICAS)
    assert error["found"] == "1 members by address, and 3 hosts in the group of the ensemble"
    assert "leave the group zk1, zk2, zk3 empty" in error["hint"]


def test_each_member_once_and_one_without_tls():
    assert [item[2] for item in errors(external([ZK, {**ZK, "port": 2181}]))] == ["zk1.example.com:2181 2 times"]
    assert errors(external([ZK, {**ZK, "port": 2182}])) == []
    assert [item[2] for item in errors(external([{**ZK, "secure": True}]))] == ["only members with secure: true"]


def test_an_inventory_without_any_ensemble_names_both_ways():
    (error,) = external([])["validation_errors"]
    assert error["check"] == "topology_zookeeper_group" and "clickhouse_zookeeper_nodes" in error["hint"]
