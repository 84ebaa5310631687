# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""An inventory that does not agree with the deployed cluster is a validation error."""

import pytest
from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.validate import validate_cluster

ROOT = "/clickhouse/main"
DDL = "/task_queue/ddl"
SHARDS = [
    {"name": "01", "endpoints": ["ch1:9000", "ch2:9000"]},
    {"name": "02", "endpoints": ["ch3:9000", "ch4:9000"]},
]


def deployed(host="ch1", shard="01", **changes):
    """What clickhouse_server_info returns on a replica that the role deployed."""
    server = {
        "own": True,
        "config_file": "/etc/clickhouse-server/config.xml",
        "service_config": True,
        "running": True,
        "ports": {
            "clickhouse_http_port": "8123",
            "clickhouse_tcp_port": "9000",
            "clickhouse_interserver_port": "9009",
        },
        "data_path": "/var/lib/clickhouse/",
        "macros": {"cluster": "main", "shard": shard, "replica": host},
        "zookeeper_root": ROOT,
        "zookeeper_endpoints": ["zk1:2181", "zk2:2181", "zk3:2181"],
        "ddl_path": DDL,
        "users": ["admin", "cluster"],
        "late_fragments": {},
        "shards": SHARDS,
        "login_changed": False,
        "replicated_tables": ["demo.hits"],
        "distributed_tables": ["demo.hits_all"],
        "other_tables": [],
        "used_macros": ["replica", "shard"],
        "clusters": {
            "main": {"tables": ["demo.hits_all"], "shards": [["ch1:9000", "ch2:9000"], ["ch3:9000", "ch4:9000"]]}
        },
        "queues": [],
        **changes,
    }
    return {"deployed": server}


def errors(results, changes=None, root=ROOT, ddl_path=DDL, adopt=False, allow=False, **options):
    """(variable, subject, found) of each validation error."""
    cluster = model_of(inventory(changes), **options)["cluster"]
    found = validate_cluster(cluster, results, root, ddl_path, adopt, allow)
    assert all(error.severity == "critical" and error.expected and error.hint for error in found)
    return [(error.check, error.subject, error.found) for error in found]


def test_a_cluster_that_agrees():
    assert errors({"ch1": deployed(), "ch3": deployed("ch3", "02"), "ch2": None, "ch4": {"deployed": None}}) == []


@pytest.mark.parametrize(
    ("options", "variable", "found"),
    [
        ({"changes": {"ch1": {"clickhouse_shard": "02"}}}, "clickhouse_shard", "02, but"),
        ({"changes": {"ch1": {"clickhouse_replica": "a"}}}, "clickhouse_replica", "a, but"),
        ({"cluster": "prod"}, "topology_cluster", "prod, but"),
        ({"root": "/clickhouse/prod"}, "clickhouse_zookeeper_root", "/clickhouse/prod, but"),
    ],
)
def test_a_changed_identity(options, variable, found):
    ((name, host, text),) = errors({"ch1": deployed()}, **options)
    assert (name, host) == (variable, "ch1")
    assert text.startswith(f"{found} the replicated tables demo.hits belong to ")


def test_without_replicated_tables_the_identity_may_change():
    empty = {"replicated_tables": [], "distributed_tables": []}
    assert errors({"ch1": deployed(**empty)}, {"ch1": {"clickhouse_shard": "02"}}, cluster="prod") == []


def test_a_foreign_listener():
    result = {"deployed": None, "listeners": {"8123": "nginx"}}
    assert errors({"ch1": result}) == [("clickhouse ports", "ch1", "another process (nginx) listening on port 8123")]


@pytest.mark.parametrize("variable", ["clickhouse_http_port", "clickhouse_tcp_port", "clickhouse_interserver_port"])
def test_a_changed_port_of_a_running_server(variable):
    changes = {"ch1": {variable: 7000}}
    ((name, host, found),) = errors({"ch1": deployed()}, changes)
    assert (name, host) == (variable, "ch1")
    assert found.startswith("7000, but the running server listens on ")
    assert errors({"ch1": deployed(running=False)}, changes) == []


# --- Shards


def test_appended_shards():
    assert errors({"ch1": deployed()}, {"ch9": {"ansible_host": "10.0.0.29", "clickhouse_shard": "03"}}) == []


def test_a_removed_shard():
    gone = {"ch3": {"clickhouse_shard": "01"}, "ch4": {"clickhouse_shard": "01"}}
    assert errors({"ch1": deployed()}, gone) == [
        ("topology_shards", "all", "the shards 01, but the deployed order is 01, 02")
    ]


def test_a_changed_order():
    assert errors({"ch1": deployed()}, shards=["02", "01"]) == [
        ("topology_shards", "all", "the shards 02, 01, but the deployed order is 01, 02")
    ]


def test_a_new_shard_that_sorts_before_the_others():
    cluster = model_of(inventory({"ch9": {"ansible_host": "10.0.0.29", "clickhouse_shard": "00"}}))["cluster"]
    (error,) = validate_cluster(cluster, {"ch1": deployed()}, ROOT, DDL, False, False)
    assert (error.found, error.expected) == ("the shards 00, 01, 02, but the deployed order is 01, 02", "01, 02, 00")


def test_a_confirmed_change_of_shards():
    assert errors({"ch1": deployed()}, shards=["02", "01"], allow=True) == []


def test_without_tables_shards_may_change():
    empty = {"replicated_tables": [], "distributed_tables": []}
    assert errors({"ch1": deployed(**empty)}, shards=["02", "01"]) == []


# --- Queues

QUEUE = {"table": "demo.hits_all", "endpoints": ["ch3:9000", "ch4:9000"], "files": 12, "bytes": 3456}


def test_a_queue_does_not_matter_when_nothing_changes():
    assert errors({"ch1": deployed(queues=[QUEUE])}) == []


def test_a_changed_login_while_rows_are_queued():
    assert errors({"ch1": deployed(queues=[QUEUE], login_changed=True)}) == [
        (
            "clickhouse_cluster_password",
            "ch1",
            "another user or password, while demo.hits_all has 12 blocks queued for ch3:9000, ch4:9000",
        )
    ]


def test_a_changed_port_while_rows_are_queued():
    found = errors(
        {"ch1": deployed(queues=[QUEUE])}, {"ch3": {"clickhouse_tcp_port": 9001}, "ch4": {"clickhouse_tcp_port": 9001}}
    )
    assert [error[0] for error in found] == ["clickhouse_address or clickhouse_tcp_port"]


def test_a_changed_login_without_queued_rows():
    assert errors({"ch1": deployed(login_changed=True)}) == []
