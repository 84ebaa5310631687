# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""One replica that answers on the loopback is restarted, or not. The lock is tested with a real ensemble."""

from contextlib import contextmanager

import pytest
from helpers import http_server, member_endpoints, replaying, run_module, systemctl

from ansible_collections.zoohouse.cluster.plugins.modules import clickhouse_restart

HEALTHY = [("healthy", member) for member in ("zk1", "zk2", "zk3")]


class Records:
    """A lock that is held, and the znodes that its client sees."""

    def __init__(self):
        self.znodes = {}
        self.client = self

    def is_held(self):
        return True

    def retry(self, request, *args, **options):
        return request(*args, **options)

    def exists(self, path):
        return self.znodes.get(path)

    def create(self, path, value, makepath):
        self.znodes[path] = value


@pytest.fixture
def restart(monkeypatch, tmp_path):
    """Runs the module on a replica and its peer; returns its result, and what happened in which order."""
    log, _state = systemctl(monkeypatch, tmp_path)
    records = Records()

    @contextmanager
    def lock(_endpoints, holder, _timeout, slot):
        log.write_text(f"locked by {holder}\n")
        yield records
        log.write_text(log.read_text() + "unlocked\n")

    def run(own="healthy", peer="healthy", ensemble=HEALTHY, check=False, **args):
        with (
            http_server(replaying(own)) as (port, _),
            http_server(replaying(peer)) as (other, _),
            member_endpoints(*ensemble) as hosts,
        ):
            peers = [{"host": "127.0.0.1", "port": other, "name": "ch2"}]
            args = {"hosts": hosts, "login_port": port, "name": "ch1", "peers": peers, "timeout": 0, **args}
            result = run_module(monkeypatch, clickhouse_restart.main, args, check)
        return result, log.read_text().splitlines()

    run.without_lock = lambda: monkeypatch.setattr(clickhouse_restart, "held_lock", lock)
    run.records = records.znodes
    return run


def test_a_replica_is_restarted_under_the_lock(restart):
    restart.without_lock()
    result, events = restart(holder="anna")
    assert result["changed"] is True
    assert events == ["locked by anna", "restart clickhouse-server.service", "unlocked"]


def test_a_restart_that_somebody_asked_for_is_done_once(restart):
    """Also when none is pending; another request is another restart."""
    restart.without_lock()
    for request, restarted in (("/r/1", True), ("/r/1", False), ("/r/2", True)):
        result, events = restart(holder="anna", request=request, config="clickhouse")
        assert result["changed"] is restarted
        assert ("restart clickhouse-server.service" in events) is restarted
    assert restart.records == {"/r/1": b"anna", "/r/2": b"anna"}


def test_a_restart_that_failed_is_not_recorded(restart):
    restart.without_lock()
    result, _events = restart(peer="no_ensemble", request="/r/1")
    assert result["failed"] and restart.records == {}


@pytest.mark.parametrize(
    ("situation", "check"),
    [({"peer": "no_ensemble"}, "session"), ({"ensemble": [("quorum_lost", "zk1")] * 3}, "quorum")],
)
def test_a_replica_that_its_shard_or_ensemble_cannot_spare_is_not_restarted(restart, situation, check):
    restart.without_lock()
    result, events = restart(**situation)
    assert result["msg"].startswith("clickhouse-server.service cannot be restarted now after 0 s:")
    assert check in [finding["check"] for finding in result["findings"] if finding["severity"] == "critical"]
    assert events == ["locked by a run without a name"]


def test_a_replica_that_is_not_healthy_afterwards_is_an_error(restart):
    restart.without_lock()
    result, events = restart(own="no_ensemble")
    assert result["msg"].startswith("clickhouse-server.service was restarted and is not healthy after 0 s:")
    assert "restart clickhouse-server.service" in events


def test_without_a_session_nothing_is_restarted(restart):
    result, events = restart()
    assert result["failed"] and "clickhouse-server.service was not restarted. The lock" in result["msg"]
    assert events == []


def test_check_mode_restarts_nothing(restart):
    result, events = restart(check=True)
    assert (result["changed"], events) == (True, [])


@pytest.fixture
def agent(tmp_path):
    """A command that notes how it is called, and ends with the code in a file."""
    script, log = tmp_path / "agent", tmp_path / "systemctl.log"
    (tmp_path / "code").write_text("0")
    script.write_text(f'#!/bin/sh\necho "agent $*" >> {log}\necho "after 0 s: why" >&2\nexit $(cat {tmp_path}/code)\n')
    script.chmod(0o755)
    return script


def test_a_replica_is_drained_and_returned_under_the_lock(restart, agent):
    restart.without_lock()
    result, events = restart(agent=str(agent), drain_timeout=30, timeout=5)
    assert result["changed"] is True
    assert events[1:-1] == [
        "agent drain --owner restart --for 45 --wait 30",
        "restart clickhouse-server.service",
        "agent undrain --owner restart --wait 5",
    ]


def test_a_replica_that_is_not_healthy_is_not_waited_for_again(restart, agent):
    restart.without_lock()
    result, events = restart(own="no_ensemble", agent=str(agent), drain_timeout=30)
    assert result["failed"] and events[-1] == "agent undrain --owner restart"


def test_a_replica_that_is_not_restarted_is_not_drained(restart, agent):
    restart.without_lock()
    result, events = restart(peer="no_ensemble", agent=str(agent), drain_timeout=30)
    assert result["failed"] and not any("agent" in event for event in events)


def test_a_replica_that_takes_no_queries_afterwards_is_an_error(restart, agent, tmp_path):
    restart.without_lock()
    (tmp_path / "code").write_text("1")
    result, _events = restart(agent=str(agent), drain_timeout=30, request="/r/1")
    assert "clickhouse-server.service was restarted, and the replica takes no queries from balancers" in result["msg"]
    assert "why" in result["msg"] and restart.records == {"/r/1": b"a run without a name"}


@pytest.mark.parametrize("code", ["2", "77"])
def test_an_agent_that_does_not_run_keeps_nobody_waiting(restart, agent, tmp_path, code):
    restart.without_lock()
    (tmp_path / "code").write_text(code)
    result, _events = restart(agent=str(agent), drain_timeout=30)
    assert result["changed"] is True


def test_without_an_agent_nothing_is_drained(restart, tmp_path):
    restart.without_lock()
    result, events = restart(agent=str(tmp_path / "none"), drain_timeout=30)
    assert result["changed"] is True and len(events) == 3
