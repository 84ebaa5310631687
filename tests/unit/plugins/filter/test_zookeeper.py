# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the role zookeeper."""

from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.filter.zookeeper import (
    zoo_cfg_validation_errors,
    zoo_cfg_value,
    zookeeper_bootstrap,
    zookeeper_client_errors,
    zookeeper_heap_mb,
    zookeeper_moving_members,
    zookeeper_serving_endpoints,
    zookeeper_validation_errors,
)

EMPTY = {"files": [], "myid": None, "bootstrapped": False}
MEMBERS = model_of(inventory(gone=("zk2", "zk3")), allow_unsafe_size=True)["ensemble"]["members"]


def test_a_new_ensemble_may_be_bootstrapped():
    registered = {"zk1": {"__disks": EMPTY}}
    assert zookeeper_bootstrap(MEMBERS, registered, "__disks") == {
        "allowed": True,
        "unrecorded": ["zk1"],
        "validation_errors": [],
    }


def test_an_ensemble_that_has_run_needs_force():
    registered = {"zk1": {"__disks": {**EMPTY, "bootstrapped": True}}}
    result = zookeeper_bootstrap(MEMBERS, registered, "__disks")
    assert (result["allowed"], len(result["validation_errors"])) == (False, 1)
    assert zookeeper_bootstrap(MEMBERS, registered, "__disks", force="yes")["allowed"] is True


def test_the_heap_accepts_text():
    assert zookeeper_heap_mb("4096", "0.75", "512", "8192") == 3072


def test_settings_are_validated_for_a_host():
    (error,) = zoo_cfg_validation_errors({"leaderServes": False}, "3.8.0", "zk1")
    assert (error["check"], error["subject"]) == ("zookeeper_extra_config", "zk1")
    assert zoo_cfg_validation_errors({"leaderServes": False}, "3.8.0", "zk1", ["leaderServes"]) == []


def test_booleans_are_written_in_lower_case():
    assert (zoo_cfg_value(True), zoo_cfg_value(5)) == ("true", "5")


def test_the_deployed_ensemble_is_validated_on_the_hosts_of_the_run():
    result = {"data_dir": "/d", "data_log_dir": "/l", "resolved": {}, "deployed": None, "listeners": {"2181": "java"}}
    (error,) = zookeeper_validation_errors(MEMBERS, {"zk1": {"__member": result}}, "__member")
    assert (error["check"], error["subject"]) == ("zookeeper ports", "zk1")
    assert zookeeper_validation_errors(MEMBERS, {}, "__member") == []


def test_replicas_know_the_port_that_members_move_to():
    ports = {"zookeeper_client_port": 2199, "zookeeper_previous_client_port": 2181}
    members = model_of(inventory({f"zk{n}": ports for n in (1, 2, 3)}))["ensemble"]["members"]
    deployed = {"running": True, "client_port": 2181, "listens": True}
    moving = zookeeper_moving_members(members, {"zk1": {"__member": {"deployed": deployed}}}, "__member")
    assert [member["host"] for member in moving] == ["zk1"]
    server = {"own": True, "running": True, "zookeeper_endpoints": ["zk1:2181"]}
    (error,) = zookeeper_client_errors(moving, [{"item": "ch1", "deployed": server}])
    assert (error["subject"], error["expected"]) == ("ch1", "zk1:2199 as well")


def test_the_endpoints_of_members_that_serve():
    model = model_of(inventory())
    rows = [{"host": f"zk{n}", "mode": mode} for n, mode in ((1, "leader"), (2, ""), (3, "follower"))]
    # zk3 was cut off from zk1, and zk2 could not be reached at all.
    hostvars = {
        "zk1": {"__zookeeper_health": {"members": [rows[0], rows[1]]}},
        "zk2": {"__zookeeper_health": {"unreachable": True, "msg": "no route"}},
        "zk3": {"__zookeeper_health": {"members": [{"host": "zk1", "mode": ""}, rows[2]]}},
    }
    assert zookeeper_serving_endpoints(model, hostvars) == ["zk1:2181", "zk3:2181"]


def test_members_that_nobody_asked_may_serve():
    assert len(zookeeper_serving_endpoints(model_of(inventory()), {})) == 3


def test_the_endpoints_of_an_ensemble_that_somebody_else_runs():
    """Two replicas were asked; one of them reaches nobody."""
    nodes = [{"host": "a.example.com"}, {"host": "fd00::1", "port": 2182}, {"host": "b.example.com"}]
    changes = {f"ch{n}": {"clickhouse_zookeeper_nodes": nodes} for n in (1, 2, 3, 4)}
    model = model_of(inventory(changes, gone=("zk1", "zk2", "zk3")))
    rows = [{"host": host, "mode": mode} for host, mode in (("a.example.com", ""), ("fd00::1", "leader"))]
    hostvars = {
        "ch1": {"__clickhouse_ensemble": {"members": [{**row, "mode": ""} for row in rows]}},
        "ch2": {"__clickhouse_ensemble": {"members": rows}},
    }
    assert zookeeper_serving_endpoints(model, hostvars) == ["[fd00::1]:2182"]
    assert len(zookeeper_serving_endpoints(model, {})) == 3
