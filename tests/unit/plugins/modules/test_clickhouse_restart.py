# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""One replica that answers on the loopback is restarted, or not. The lock is tested with a real ensemble."""

from contextlib import contextmanager

import pytest
from helpers import http_server, member_endpoints, replaying, run_module, systemctl

from ansible_collections.zoohouse.cluster.plugins.modules import clickhouse_restart

HEALTHY = [("healthy", member) for member in ("zk1", "zk2", "zk3")]


@pytest.fixture
def restart(monkeypatch, tmp_path):
    """Runs the module on a replica and its peer; returns its result, and what happened in which order."""
    log, _state = systemctl(monkeypatch, tmp_path)

    @contextmanager
    def lock(_endpoints, holder, _timeout):
        log.write_text(f"locked by {holder}\n")
        yield
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
    return run


def test_a_replica_is_restarted_under_the_lock(restart):
    restart.without_lock()
    result, events = restart(holder="anna")
    assert result["changed"] is True
    assert events == ["locked by anna", "restart clickhouse-server.service", "unlocked"]


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
