# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A client port that changes on one member after the other."""

import pytest
from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.client_port import (
    moving_members,
    validate_client_port,
    validate_clients,
)

MOVED = {f"zk{n}": {"zookeeper_client_port": 2199, "zookeeper_previous_client_port": 2181} for n in (1, 2, 3)}
MEMBERS = model_of(inventory(MOVED))["ensemble"]["members"]
BOTH = [f"zk{n}:{port}" for n in (1, 2, 3) for port in (2181, 2199)]


def member(port, running=True, listens=True, pending=False):
    return {"deployed": {"running": running, "client_port": port, "listens": listens}, "restart_pending": pending}


def replica(endpoints, own=True, running=True, pending=False):
    return {"deployed": {"own": own, "running": running, "zookeeper_endpoints": endpoints}, "restart_pending": pending}


@pytest.mark.parametrize(
    ("result", "variable"),
    [
        (member(2181), None),
        (member(2199), None),
        (member(2177), "zookeeper_client_port"),
        (member(2177, running=False), None),
        (member(0), None),
        # zoo.cfg has the new port already; the process still listens on another one.
        (member(2199, listens=False, pending=True), "zookeeper_previous_client_port"),
        # It starts, or its disk is full: that says nothing about its port.
        (member(2199, listens=False), None),
    ],
)
def test_a_running_member_listens_on_its_port_or_on_the_previous_one(result, variable):
    assert [error.check for error in validate_client_port(MEMBERS[0], result)] == [variable] * bool(variable)


def test_the_hint_names_the_port_to_set():
    (error,) = validate_client_port(model_of(inventory())["ensemble"]["members"][0], member(2177))
    assert (error.found, error.expected) == ("2181, but the running member listens on 2177", "2177")
    assert "zookeeper_previous_client_port=2177" in error.hint


def test_members_that_run_on_the_previous_port_move():
    results = {"zk1": member(2181), "zk2": member(2199), "zk3": member(2181, running=False)}
    assert [found["host"] for found in moving_members(MEMBERS, results)] == ["zk1"]
    assert moving_members(MEMBERS, {"zk1": None, "zk2": {"deployed": None}}) == []


def test_replicas_must_know_the_new_port_of_every_member_that_moves():
    replicas = {"ch1": replica(["zk1:2181", "zk2:2181", "zk2:2199"]), "ch2": replica(BOTH)}
    (error,) = validate_clients(MEMBERS[:2], replicas)
    assert (error.check, error.subject) == ("zookeeper_client_port", "ch1")
    assert error.found == "a replica that looks for members on zk1:2181, zk2:2181, zk2:2199"
    assert error.expected == "zk1:2199 as well"
    assert "playbooks/clickhouse.yml" in error.hint


def test_a_replica_that_was_not_restarted_yet_does_not_know_it():
    (error,) = validate_clients(MEMBERS, {"ch1": replica(BOTH, pending=True)})
    assert error.found == "a replica that has not read its new configuration"


def test_servers_that_do_not_run_or_belong_to_others_are_not_asked():
    stopped, foreign = replica([], running=False), replica([], own=False)
    assert validate_clients(MEMBERS, {"ch1": stopped, "ch2": foreign, "ch3": {"deployed": None}}) == []
