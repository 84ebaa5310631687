# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with clusters beside the one of the inventory."""

import pytest
from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.clusters.validate import (
    validate_extra_clusters,
)

OLD, NEW = "18.16.1", "25.8.2.1"
REPLICA = {"host": "10.9.0.1"}
PLACE = "clickhouse_extra_clusters"


def errors(clusters, version=NEW, discovered=""):
    found = validate_extra_clusters("ch1", version, clusters, model_of(inventory())["cluster"], discovered)
    return [(error.check.removeprefix(f"{PLACE}."), error.found, error.expected) for error in found]


def problems(version=NEW, **options):
    """What is found in a cluster."""
    return [found for _check, found, _expected in errors({"other": options}, version)]


def test_valid_clusters():
    clusters = {
        "a": {"shards": "all-replicated"},
        "b": {"shards": "all-sharded", "user": "u", "password": "p"},
        "c-d": {"secret": "s", "shards": [{"hosts": ["ch4"], "weight": "2"}, {"replicas": [REPLICA]}]},
        "e": {"shards": [{"replicas": [{"host": "2001:db8::1", "port": 9440, "secure": True, "user": "u"}]}]},
        "f": {"user": "u", "shards": [{"replicas": [{"host": "m1.example.com"}], "internal_replication": False}]},
    }
    assert errors(clusters) == []
    # A template of an inventory may come to nothing.
    empty = {"secret": "", "user": None, "password": None, "shards": [{"hosts": ["ch1"], "weight": None}]}
    assert errors({"g": empty}, OLD) == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("main", "main, which is the cluster of the inventory"),
        ("found", "found, which is the cluster of clickhouse_metadata.discovery"),
        ("a.b", "the name a.b"),
        ("1", "the name 1"),
    ],
)
def test_names_that_a_cluster_cannot_have(name, found):
    ((check, message, _expected),) = errors({name: {"shards": "all-replicated"}}, discovered="found")
    assert (check, message) == (PLACE, found)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, "shards: nothing"),
        ({"shards": "all"}, "shards: all"),
        ({"shards": {"hosts": ["ch1"]}}, "shards: a value of type dict"),
        ({"shards": ["ch1"]}, "shard 1: a value of type str"),
        ({"shards": [{}]}, "shard 1: no replica"),
        ({"shards": [{"hosts": "ch1"}]}, "shard 1: hosts: a value of type str"),
        ({"shards": [{"hosts": ["ch9"]}]}, "shard 1: the host ch9"),
        ({"shards": [{"hosts": ["ch1"], "weigth": 1}]}, "shard 1: unknown key weigth"),
        ({"shards": [{"hosts": ["ch1"]}, {"hosts": ["ch2"], "weight": 0}]}, "shard 2: weight: 0"),
        ({"shards": [{"hosts": ["ch1"], "internal_replication": "yes"}]}, "shard 1: internal_replication: yes"),
        ({"shards": [{"hosts": ["ch1"]}, {"hosts": ["ch1"]}]}, "ch1:9000 2 times"),
        ({"shards": "all-sharded", "shard": []}, "unknown key shard"),
        ({"shards": "all-sharded", "secret": "s", "user": "u"}, "a secret and a user"),
        ({"shards": "all-sharded", "password": "p"}, "a password without a user"),
        ({"shards": "all-sharded", "secret": ["s"]}, "secret: a value of type list"),
        ({"shards": "all-sharded", "user": {"n": 1}}, "user: a value of type dict"),
    ],
)
def test_clusters_that_are_none(options, found):
    assert problems(**options) == [found]


@pytest.mark.parametrize(
    ("replica", "found"),
    [
        ("m1:9000", "shard 1: a replica that is a value of type str"),
        ({}, "shard 1: the host nothing"),
        ({"host": "m1 m2"}, "shard 1: the host m1 m2"),
        ({**REPLICA, "port": 0}, "shard 1: 10.9.0.1: port: 0"),
        ({**REPLICA, "secure": "no"}, "shard 1: 10.9.0.1: secure: no"),
        ({**REPLICA, "tcp_port": 1}, "shard 1: 10.9.0.1: unknown key tcp_port"),
        ({**REPLICA, "password": "p"}, "shard 1: 10.9.0.1: a password without a user"),
    ],
)
def test_replicas_that_are_none(replica, found):
    assert found in problems(user="u", shards=[{"replicas": [replica]}])


def test_others_need_a_login():
    assert problems(shards=[{"hosts": ["ch1"], "replicas": [REPLICA]}]) == ["10.9.0.1:9000 without a login"]


def test_no_message_shows_a_secret():
    hidden = "hush\x00"
    replica = {**REPLICA, "user": "u", "password": hidden}
    found = errors({"a": {"secret": hidden, "shards": [{"replicas": [replica]}]}, "b": hidden}, OLD)
    assert len(found) == 4 and "hush" not in str(found)


def test_what_18_16_lacks():
    """It knows no cluster at all while one name has no address."""
    assert problems(OLD, secret="s", shards="all-replicated") == [
        "a secret, which needs ClickHouse 20.10 or later; this is 18.16.1"
    ]
    named = [{"replicas": [{"host": "m1.example.com"}, REPLICA]}]
    assert problems(OLD, user="u", shards=named) == [
        "m1.example.com, a name and no address, which needs ClickHouse 24.8 or later; this is 18.16.1"
    ]
    assert problems("newest", secret="s", shards=named) == []
