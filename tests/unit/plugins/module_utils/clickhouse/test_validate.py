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
        "role_data_path": "",
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
    more = {option: options.pop(option, None) for option in ("data_paths", "others")}
    cluster = model_of(inventory(changes), **options)["cluster"]
    found = validate_cluster(cluster, results, root, ddl_path, adopt, allow, **more)
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


@pytest.mark.parametrize(
    ("options", "loss"),
    [
        ({"changes": {"ch1": {"clickhouse_shard": "02"}}}, "rows that only this replica has would be missing"),
        ({"cluster": "prod"}, "waiting ON CLUSTER statements would never run"),
        ({"root": "/clickhouse/prod"}, "no replica would serve their rows"),
    ],
)
def test_a_changed_identity_says_what_would_be_lost(options, loss):
    model = {"changes": None, "cluster": "main", "root": ROOT, **options}
    cluster = model_of(inventory(model["changes"]), cluster=model["cluster"])["cluster"]
    hints = [error.hint for error in validate_cluster(cluster, {"ch1": deployed()}, model["root"], DDL, False, False)]
    assert len(hints) == 1 and loss in hints[0]


def external_errors(*hosts, server=None):
    nodes = {f"ch{n}": {"clickhouse_zookeeper_nodes": [{"host": host} for host in hosts]} for n in (1, 2, 3, 4)}
    model = model_of(inventory(nodes, gone=("zk1", "zk2", "zk3")))
    results = {"ch1": server or deployed()}
    return validate_cluster(model["cluster"], results, ROOT, DDL, False, False, ensemble=model["ensemble"])


def test_replicas_with_tables_stay_in_an_ensemble_that_somebody_else_runs():
    (error,) = external_errors("zk8", "zk9")
    assert (error.check, error.subject) == ("clickhouse_zookeeper_nodes", "ch1")
    assert error.found == (
        "zk8:2181, zk9:2181, but the replicated tables demo.hits are in the ensemble zk1:2181, zk2:2181, zk3:2181"
    )
    assert external_errors("zk9", "zk3") == []
    assert external_errors("zk9", server=deployed(replicated_tables=[])) == []


def test_distributed_tables_keep_their_cluster():
    local = {"replicated_tables": [], "other_tables": ["demo.hits"]}
    ((variable, host, found),) = errors({"ch1": deployed(**local)}, cluster="prod")
    assert (variable, host) == ("topology_cluster", "ch1")
    assert found == "prod, but the Distributed tables demo.hits_all read main"


def test_rows_that_are_not_replicated_stay_in_their_shard():
    local = {"replicated_tables": [], "other_tables": ["demo.hits"]}
    ((variable, _host, found),) = errors({"ch1": deployed(**local)}, {"ch1": {"clickhouse_shard": "02"}})
    assert (variable, found) == ("clickhouse_shard", "02, but the tables demo.hits have rows of 01")
    # Without rows of its own it only forwards queries.
    local = {"replicated_tables": [], "other_tables": []}
    assert errors({"ch1": deployed(**local)}, {"ch1": {"clickhouse_shard": "02"}}) == []


def test_a_new_replica_does_not_tell_the_order_of_the_shards():
    """Nobody has sent rows to the shards that only it knows."""
    appended = [*SHARDS, {"name": "03", "endpoints": ["ch9:9000"]}]
    new = deployed("ch9", "03", joining=True, shards=appended, replicated_tables=[])
    grown = {"ch9": {"ansible_host": "10.0.0.29", "clickhouse_shard": "04"}}
    assert errors({"ch1": deployed(), "ch9": new}, grown) == []
    assert errors({"ch1": deployed(), "ch9": deployed("ch9", "04", shards=appended)}, grown) != []


def test_without_tables_the_identity_may_change():
    empty = {"replicated_tables": [], "distributed_tables": [], "clusters": {}}
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

QUEUE = {"table": "demo.hits_all", "endpoints": ["ch3:9000", "ch4:9000"], "files": 12, "bytes": 3456, "shard": 0}
# As modern servers have it.
SHARD_QUEUE = {**QUEUE, "shard": 2}


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


def test_a_queue_for_a_shard_follows_its_replicas():
    ports = {"ch3": {"clickhouse_tcp_port": 9001}, "ch4": {"clickhouse_tcp_port": 9001}}
    assert errors({"ch1": deployed(queues=[SHARD_QUEUE], login_changed=True)}, ports) == []


MIRROR = {"shard": "1", "replicas": [{"host": "m1", "port": 9000}]}


@pytest.mark.parametrize(
    ("others", "found"),
    [
        # One of extra configuration, which is not known here.
        ({}, []),
        ({"mirror": [MIRROR]}, []),
        ({"mirror": [{**MIRROR, "replicas": [{"host": "m1", "port": 9001}]}]}, ["clickhouse_extra_clusters"]),
    ],
)
def test_a_queue_for_another_cluster(others, found):
    """Neither its addresses nor its login are those of the inventory."""
    tables = {"mirror": {"tables": ["demo.hits_all"], "shards": [["m1:9000"]]}}
    server = deployed(clusters=tables, queues=[{**QUEUE, "endpoints": ["m1:9000"]}], login_changed=True)
    assert [error[0] for error in errors({"ch1": server}, others=others)] == found
    moved = deployed(clusters=tables, queues=[SHARD_QUEUE], login_changed=True)
    assert errors({"ch1": moved}, others=others) == []


def test_another_order_of_shards_while_rows_are_queued():
    wanted = {"shards": ["02", "01"], "allow": True}
    assert errors({"ch1": deployed()}, **wanted) == []
    assert errors({"ch1": deployed(queues=[SHARD_QUEUE])}, **wanted) == [
        (
            "topology_shards",
            "ch1",
            "another shard 2 than 02, while demo.hits_all has 12 blocks queued for ch3:9000, ch4:9000",
        )
    ]


def test_a_changed_login_without_queued_rows():
    assert errors({"ch1": deployed(login_changed=True)}) == []


SRV = {"data_path": "/srv/", "own": True}


@pytest.mark.parametrize(
    ("server", "paths", "found"),
    [
        ({}, {"ch1": "/data/"}, "data: /data/, but the tables demo.hits, demo.hits_all are in /var/lib/clickhouse/"),
        # The variable was removed: the server would use the directory of the packages.
        (
            {**SRV, "role_data_path": "/srv/"},
            {},
            "data: /var/lib/clickhouse/, but the tables demo.hits, demo.hits_all are in /srv/",
        ),
    ],
)
def test_another_data_directory(server, paths, found):
    assert errors({"ch1": deployed(**server)}, data_paths=paths) == [("clickhouse_paths", "ch1", found)]


@pytest.mark.parametrize(
    ("server", "paths"),
    [
        ({}, {"ch1": "/var/lib/clickhouse/"}),
        ({**SRV, "role_data_path": "/srv/"}, {"ch1": "/srv/"}),
        # A fragment of somebody else sets it.
        (SRV, {}),
        # Nothing is lost.
        ({"replicated_tables": [], "distributed_tables": []}, {"ch1": "/data/"}),
    ],
)
def test_the_same_data_directory_or_no_tables(server, paths):
    assert errors({"ch1": deployed(**server)}, data_paths=paths) == []
