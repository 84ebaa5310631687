# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The health check of replicas that answer on the loopback."""

from helpers import http_server, replaying, run_module

from ansible_collections.zoohouse.cluster.plugins.modules import clickhouse_health


def health(monkeypatch, **args):
    return run_module(monkeypatch, clickhouse_health.main, {"timeout": 0, **args}, check=True)


def test_a_healthy_replica_passes(monkeypatch):
    with http_server(replaying("healthy")) as (port, _requests):
        result = health(monkeypatch, login_port=port)
    assert result["healthy"] is True and result["changed"] is False
    assert {finding["severity"] for finding in result["findings"]} == {"ok"}


def test_all_servers_are_checked_under_their_names(monkeypatch):
    with http_server(replaying("healthy")) as (first, _), http_server(replaying("no_ensemble")) as (second, _):
        servers = [{"host": "127.0.0.1", "port": first, "name": "ch1"}, {"host": "127.0.0.1", "port": second}]
        result = health(monkeypatch, servers=servers)
    assert result["failed"] and result["msg"].startswith("ClickHouse is not healthy:")
    assert {finding["subject"].split()[0] for finding in result["findings"]} == {"ch1", "127.0.0.1"}
    assert all("127.0.0.1" in line for line in result["msg"].splitlines()[1:])


def test_without_servers_nothing_is_checked(monkeypatch):
    assert health(monkeypatch, servers=[])["findings"] == []


def test_the_size_of_the_shard_and_limits(monkeypatch):
    with http_server(replaying("healthy")) as (port, _requests):
        options = {"login_port": port, "shard_replicas": 3, "limits": {"total_replicas": 3, "delay": None}}
        found = health(monkeypatch, **options)["findings"]
        assert "total_replicas" not in {item["check"] for item in health(monkeypatch, login_port=port)["findings"]}
    checks = {item["check"]: item["severity"] for item in found}
    assert checks["total_replicas"] == "warning" and "delay" not in checks


def test_a_wrong_limit_is_an_error(monkeypatch):
    result = health(monkeypatch, limits={"total_replica": 3})
    assert result["failed"] and result["msg"] == "limits: unknown check total_replica; did you mean total_replicas?"


def test_the_state_serving_does_not_check_the_other_replicas(monkeypatch):
    with http_server(replaying("other_down")) as (port, _requests):
        assert health(monkeypatch, login_port=port)["healthy"] is False
        assert health(monkeypatch, login_port=port, state="serving")["healthy"] is True
