# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Clusters beside the one of the inventory, as elements of remote_servers."""

from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.clusters.extra import (
    Login,
    extra_elements,
    extra_endpoints,
)

OWN = Login("cluster", "known here")
FOREIGN = {"host": "10.9.0.1"}


def cluster():
    return model_of(inventory({"ch4": {"clickhouse_tcp_port": 9001}}))["cluster"]


def elements(hidden=(), login=OWN, **options):
    """The elements of one cluster; None when it is left out."""
    return extra_elements({"other": options}, cluster(), hidden, login).get("other")


def hosts(found):
    return [[replica["host"] for replica in shard["replica"]] for shard in found["shard"]]


def test_all_replicas_of_the_inventory():
    assert hosts(elements(shards="all-replicated")) == [["ch1", "ch2", "ch3", "ch4"]]
    assert hosts(elements(shards="all-sharded")) == [["ch1"], ["ch2"], ["ch3"], ["ch4"]]


def test_hosts_of_the_inventory_have_their_port_and_login():
    found = elements(shards=[{"hosts": ["ch4", "ch1"], "weight": 3, "internal_replication": False}])
    login = {"user": "cluster", "password": "known here"}
    assert found == {
        "shard": [
            {
                "internal_replication": False,
                "weight": 3,
                "replica": [{"host": "ch4", "port": 9001, **login}, {"host": "ch1", "port": 9000, **login}],
            }
        ]
    }


def test_the_ports_of_others():
    replicas = [FOREIGN, {"host": "m2", "secure": True}, {"host": "[2001:db8::1]", "port": 1}]
    found = elements(user="u", shards=[{"replicas": replicas}])["shard"][0]["replica"]
    assert [(item["host"], item["port"], item.get("secure")) for item in found] == [
        ("10.9.0.1", 9000, None),
        ("m2", 9440, 1),
        ("2001:db8::1", 1, None),
    ]


def test_the_secret_of_the_inventory_stays_in_it():
    secret = Login("cluster", "known here", "hush")
    own = elements(login=secret, shards=[{"hosts": ["ch1"]}])
    assert own["secret"] == "hush" and "user" not in own["shard"][0]["replica"][0]
    mixed = elements(login=secret, shards=[{"hosts": ["ch1"]}, {"replicas": [{**FOREIGN, "user": "u"}]}])
    assert "secret" not in mixed
    users = [(item["user"], item["password"]) for shard in mixed["shard"] for item in shard["replica"]]
    assert users == [("cluster", "known here"), ("u", "")]


def test_a_login_of_the_cluster_and_of_a_replica():
    replicas = [FOREIGN, {**FOREIGN, "port": 2, "user": "r", "password": "s"}]
    found = elements(user="u", password="p", shards=[{"hosts": ["ch1"], "replicas": replicas}])
    users = [(item["user"], item["password"]) for item in found["shard"][0]["replica"]]
    assert users == [("u", "p"), ("u", "p"), ("r", "s")]


def test_a_secret_of_its_own_is_the_only_login():
    found = elements(secret="s", shards=[{"hosts": ["ch1"], "replicas": [FOREIGN]}])
    assert found["secret"] == "s"
    assert [sorted(item) for item in found["shard"][0]["replica"]] == [["host", "port"]] * 2


def test_who_has_not_joined_yet_gets_no_queries():
    assert hosts(elements(["ch4"], shards="all-replicated")) == [["ch1", "ch2", "ch3"]]
    # Nobody else is in these shards, and a server stops at a cluster without shards.
    assert hosts(elements(["ch4"], shards="all-sharded")) == [["ch1"], ["ch2"], ["ch3"]]
    assert elements(["ch4"], shards=[{"hosts": ["ch4"]}]) is None
    # By its address it is the same replica.
    named = [{"replicas": [{"host": "ch4", "port": 9001}, FOREIGN]}]
    assert hosts(elements(["ch4"], user="u", shards=named)) == [["10.9.0.1"]]


def test_what_a_server_shows():
    found = extra_elements({"a": {"shards": [{"hosts": ["ch4"]}, {"hosts": ["ch1"]}]}}, cluster(), (), OWN)
    assert extra_endpoints(found) == {
        "a": [
            {"shard": "1", "replicas": [{"host": "ch4", "port": 9001}]},
            {"shard": "2", "replicas": [{"host": "ch1", "port": 9000}]},
        ]
    }


def test_a_login_is_in_no_traceback():
    assert "known here" not in repr(OWN) and "hush" not in repr(Login("u", "p", "hush"))
