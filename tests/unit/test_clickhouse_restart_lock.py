# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The restart of a replica under the lock of a real ZooKeeper: slots of shards, and a session that ends on the way."""

import threading

import pytest
from helpers import http_server, replaying, run_module, systemctl
from zookeeper_server import Proxy, until

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper import lock
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.lock import RESTART_LOCK, Slot, held_lock
from ansible_collections.zoohouse.cluster.plugins.modules import clickhouse_restart

RESTARTED = "restart clickhouse-server.service"


@pytest.fixture
def endpoints(ensemble, client):
    """Where the ensemble is; nobody holds the lock."""
    return [("127.0.0.1", ensemble.port)]


@pytest.fixture
def restart(monkeypatch, tmp_path, ensemble, client):
    """Runs the module on a healthy replica with a healthy peer; returns its result, and what happened."""
    log, _state = systemctl(monkeypatch, tmp_path)

    def run(**args):
        with http_server(replaying("healthy")) as (port, _), http_server(replaying("healthy")) as (other, _):
            peers = [{"host": "127.0.0.1", "port": other, "name": "ch2"}]
            own = {"login_port": port, "name": "ch1", "peers": peers, "hosts": [ensemble.endpoint], "timeout": 0}
            return run_module(monkeypatch, clickhouse_restart.main, {**own, **args}), log.read_text().splitlines()

    return run


def test_a_replica_is_restarted_while_one_of_another_shard_is(restart, endpoints):
    with held_lock(endpoints, "ben", 5, slot=Slot("main/02", 2)):
        result, events = restart(parallel_shards=2, shard="main/01")
    assert result["changed"] is True and events == [RESTARTED]


@pytest.mark.parametrize(
    ("key", "args"),
    [
        ("main/01", {"parallel_shards": 2, "shard": "main/01"}),
        ("main/02", {}),
        ("main/02", {"parallel_shards": 1, "shard": "main/01"}),
    ],
)
def test_not_while_its_shard_has_one_and_not_with_the_default(restart, endpoints, key, args):
    with held_lock(endpoints, "ben", 5, slot=Slot(key, 2)):
        result, events = restart(**args)
    assert result["msg"] == f"clickhouse-server.service was not restarted. The lock {RESTART_LOCK} is held by ben."
    assert events == []


def test_a_run_that_was_interrupted_goes_on_where_it_was(restart, client):
    """The first replica is recorded, the second one is not: only that one is restarted."""
    args = {"parallel_shards": 2, "holder": "anna", "config": "clickhouse"}
    for name, changed in (("ch1", True), ("ch1", False), ("ch3", True)):
        result, _events = restart(**args, shard=f"main/{name}", request=f"/zoohouse/restarts/a/{name}")
        assert result["changed"] is changed
    assert sorted(client.get_children("/zoohouse/restarts/a")) == ["ch1", "ch3"]
    assert client.get_children(RESTART_LOCK) == []


@pytest.mark.parametrize("args", [{"parallel_shards": 0, "shard": "a"}, {"parallel_shards": 2}])
def test_a_number_of_shards_that_makes_no_sense(restart, args):
    result, events = restart(**args)
    assert result["msg"].startswith(f"parallel_shards: found {args['parallel_shards']}, expected 1") and events == []


@pytest.mark.parametrize("parallel", [1, 2])
def test_a_restart_that_lost_its_lock_does_not_stop_the_replica(
    restart, ensemble, endpoints, monkeypatch, tmp_path, parallel
):
    """While the replica is drained, its host is cut off for longer than the session: somebody else gets the lock."""
    monkeypatch.setattr(lock, "SESSION_TIMEOUT", 1.0)
    monkeypatch.setattr(lock, "ANSWER_TIMEOUT", 2.0)
    draining, go_on = tmp_path / "draining", tmp_path / "go_on"
    agent = tmp_path / "agent"
    agent.write_text(
        f'#!/bin/sh\necho "agent $1" >> {tmp_path}/systemctl.log\n[ "$1" = drain ] || exit 0\n'
        f"touch {draining}\nuntil [ -e {go_on} ]; do sleep 0.05; done\n"
    )
    agent.chmod(0o755)
    proxy, done = Proxy(ensemble.port), threading.Event()

    def somebody_else():
        try:
            until(draining.exists, 30, "the replica is drained")
            proxy.cut()
            with held_lock(endpoints, "ben", 30):
                proxy.mend()
                go_on.touch()
                done.wait(30)
        finally:
            go_on.touch()

    thread = threading.Thread(target=somebody_else)
    thread.start()
    args = {"agent": str(agent), "drain_timeout": 30, "parallel_shards": parallel, "shard": "main/01", "timeout": 5}
    result, events = restart(hosts=[proxy.endpoint], **args)
    done.set()
    thread.join()
    proxy.close()
    assert result["failed"] and result["msg"].startswith(
        "clickhouse-server.service was not restarted. The lock was lost before the restart, with its session."
    )
    assert events == ["agent drain", "agent undrain"]
