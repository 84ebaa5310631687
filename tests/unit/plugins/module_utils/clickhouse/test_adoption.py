# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A server that something else installed is adopted as it is, or left alone."""

import pytest
from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.validate import validate_cluster

UNUSED = {
    "own": False,
    "config_file": "/etc/clickhouse-server/config.xml",
    "service_config": True,
    "running": True,
    "ports": {"clickhouse_http_port": "8123", "clickhouse_tcp_port": "9000", "clickhouse_interserver_port": "9009"},
    "data_path": "/srv/clickhouse/",
    "role_data_path": "",
    "macros": {},
    "zookeeper_root": "",
    "zookeeper_endpoints": [],
    "ddl_path": "",
    "users": [],
    "late_fragments": {},
    "shards": [],
    "login_changed": False,
    "replicated_tables": [],
    "distributed_tables": [],
    "other_tables": [],
    "used_macros": [],
    "clusters": {},
    "queues": [],
}
QUEUE = {"table": "shop.all", "endpoints": ["ch3:9000"], "files": 3, "bytes": 9}
SHARDS = [["ch1:9000", "10.0.0.22:9000"], ["ch3:9000", "ch4:9000"]]
THEIRS = {
    **UNUSED,
    "macros": {"shard": "01", "replica": "ch1", "datacenter": "west"},
    "zookeeper_endpoints": ["zk1:2181", "zk2:2181", "zk3:2181"],
    "ddl_path": "/ddl",
    "users": ["web"],
    "replicated_tables": ["shop.orders"],
    "distributed_tables": ["shop.all"],
    "used_macros": ["replica", "shard"],
    "clusters": {"main": {"tables": ["shop.all"], "shards": SHARDS}},
}


def errors(server, adopt=True, root="/", ddl_path="/ddl", changes=None, **options):
    others = options.pop("others", None)
    cluster = model_of(inventory(changes), **options)["cluster"]
    results = {"ch1": {"deployed": server, "listeners": {}}}
    found = validate_cluster(cluster, results, root, ddl_path, adopt, False, others=others)
    assert all(error.severity == "critical" and error.expected and error.hint for error in found)
    return found


def test_a_package_that_was_only_installed_is_nobodys():
    assert errors(UNUSED, adopt=False) == []
    assert errors(UNUSED, adopt=False, changes={"ch1": {"clickhouse_http_port": 8124}}) == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"replicated_tables": ["shop.a"]}, "replicated tables shop.a"),
        ({"distributed_tables": ["shop.b"]}, "Distributed tables shop.b"),
        ({"other_tables": ["a.a", "a.b", "a.c", "a.d", "a.e"]}, "other tables a.a, a.b, a.c and 2 more"),
        ({"users": ["web"]}, "users web"),
        ({"macros": {"shard": "7"}}, "macros shard=7"),
        ({"zookeeper_endpoints": ["zk9:2181"], "zookeeper_root": "/x"}, "a ZooKeeper with the root /x"),
        ({"service_config": False, "config_file": "/opt/c.xml"}, "(/opt/c.xml), with a configuration of its own"),
    ],
)
def test_anything_that_somebody_relies_on_is_reported(change, text):
    (error,) = errors({**UNUSED, **change}, adopt=False)
    assert (error.check, error.subject, error.expected) == ("clickhouse_adopt_existing", "ch1", "none")
    assert text in error.found and "its data in /srv/clickhouse/" in error.found


def test_the_message_says_what_to_keep():
    (error,) = errors(THEIRS, adopt=False)
    for setting in (
        "clickhouse_adopt_existing=true",
        "clickhouse_replica=ch1",
        "clickhouse_shard=01",
        "clickhouse_zookeeper_root=/",
        "clickhouse_ddl_path=/ddl",
    ):
        assert setting in error.hint
    assert "datacenter" not in error.hint


def test_it_is_adopted_as_it_is():
    assert errors(THEIRS) == []


@pytest.mark.parametrize(
    ("options", "variable"),
    [
        ({"root": "/clickhouse/main"}, "clickhouse_zookeeper_root"),
        ({"ddl_path": "/task_queue/ddl"}, "clickhouse_ddl_path"),
        ({"changes": {"ch1": {"clickhouse_shard": "02"}, "ch3": {"clickhouse_shard": "01"}}}, "clickhouse_shard"),
        ({"changes": {"ch1": {"clickhouse_replica": "a"}}}, "clickhouse_replica"),
        ({"cluster": "prod"}, "topology_cluster"),
        ({"changes": {"ch1": {"clickhouse_tcp_port": 9100}}}, "clickhouse_tcp_port"),
        ({"shards": ["02", "01"]}, "topology_shards"),
    ],
)
def test_another_identity_is_not_adopted(options, variable):
    assert variable in [error.check for error in errors(THEIRS, **options)]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"late_fragments": {"z.xml": ["macros"]}}, "config.d/z.xml, which sets macros after"),
        ({"service_config": False}, "a server that runs with"),
        (
            {"queues": [QUEUE]},
            "3 blocks of shop.all",
        ),
        ({"used_macros": ["datacenter", "shard"]}, "need west"),
        ({"clusters": {"old": {"tables": ["shop.all"], "shards": SHARDS}}}, "read the cluster old"),
        ({"clusters": {"main": {"tables": ["shop.all"], "shards": [*SHARDS[:1], ["ch3:9000"]]}}}, "read the shards"),
        ({"clusters": {"main": {"tables": ["shop.all"], "shards": [*SHARDS, ["ch9:9000"]]}}}, "read the shards"),
    ],
)
def test_what_the_role_would_break_is_not_adopted(change, text):
    (error,) = errors({**THEIRS, **change})
    assert text in error.found


def test_another_macro_of_its_tables_is_named():
    (error,) = errors({**THEIRS, "used_macros": ["datacenter"]})
    assert error.check == "clickhouse_macros.datacenter"


def test_another_cluster_that_its_tables_read_is_described_as_it_is():
    server = {**THEIRS, "clusters": {"mirror": {"tables": ["shop.all"], "shards": [["m1:9000", "m2:9000"]]}}}
    described = [{"shard": "1", "replicas": [{"host": "m1", "port": 9000}, {"host": "m2", "port": 9000}]}]
    assert errors(server, others={"mirror": described}) == []
    assert [error.check for error in errors(server, others={"mirror": described * 2})] == ["clickhouse_extra_clusters"]
    assert [error.check for error in errors(server, others={"other": described})] == ["topology_cluster"]


def test_new_shards_after_those_of_the_server_are_fine():
    assert errors({**THEIRS, "clusters": {"main": {"tables": ["shop.all"], "shards": SHARDS[:1]}}}) == []
