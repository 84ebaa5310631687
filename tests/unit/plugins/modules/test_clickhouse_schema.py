# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A schema is applied once, on servers that answer on the loopback, with znodes in memory."""

import json
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from helpers import http_server, replaying, run_module
from kazoo.exceptions import NoNodeError

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse import schema_apply
from ansible_collections.zoohouse.cluster.plugins.modules import clickhouse_schema

PATH = "/clickhouse/main/zoohouse/schema"
TABLE = "CREATE TABLE IF NOT EXISTS demo.hits ON CLUSTER main (day Date) ENGINE = Log"
ALTER = "ALTER TABLE demo.hits ON CLUSTER main ADD COLUMN id UInt64"
HITS = {"name": "hits", "statements": [TABLE, ALTER]}
DAYS = {"name": "days", "statements": [TABLE.replace("hits", "days")]}


class Znodes(dict):
    """The calls of a kazoo client that the module makes."""

    def get(self, path):
        if path not in self:
            raise NoNodeError
        return self[path], None

    def ensure_path(self, path):
        self.setdefault(path, b"")

    def set(self, path, data):
        self[path] = data


@pytest.fixture
def cluster(monkeypatch):
    """Runs the module. fail: text of statements that the server rejects."""
    znodes, locks = Znodes(), []

    @contextmanager
    def connected(_members, _timeout):
        yield [znodes]

    @contextmanager
    def held_lock(_endpoints, holder, _timeout, path):
        locks.append((holder, path))
        yield

    monkeypatch.setattr(clickhouse_schema, "connected", connected)
    monkeypatch.setattr(schema_apply, "held_lock", held_lock)
    healthy = replaying("healthy")

    def run(*entries, databases=(), existing=("demo",), fail="", peer=None, check=False):
        def answer(query):
            if query.startswith(("CREATE", "ALTER")):
                return (500, "Code: 159. Timeout\nstack") if fail and fail in query else ""
            if "system.databases" in query:
                return json.dumps({"data": [{"name": name, "engine": "Ordinary"} for name in existing]})
            return '{"data": [{"queues": 1}]}' if "AS queues" in query else healthy(query)

        with http_server(answer) as (port, requests), http_server(peer or answer) as (other, _):
            servers = [
                {"host": "127.0.0.1", "port": item, "name": name} for name, item in (("ch1", port), ("ch2", other))
            ]
            names = [{"name": name} for name in databases]
            options = {"hosts": ["zk1"], "login_port": port, "cluster": "main", "path": PATH, "servers": servers}
            options.update(databases=names, entries=list(entries), holder="anna", timeout=7, ddl_path="/task_queue/ddl")
            result = run_module(monkeypatch, clickhouse_schema.main, options, check)
        run.sent = [body for _path, _headers, body in requests if body.startswith(("CREATE", "ALTER"))]
        run.settings = [parse_qs(urlsplit(path).query) for path, _headers, body in requests if body in run.sent]
        return result

    run.znodes, run.locks = znodes, locks
    return run


def test_a_schema_is_applied_once(cluster):
    result = cluster(HITS, DAYS, databases=["demo", "log"])
    assert (result["changed"], result["applied"]) == (True, ["log", "hits", "days"])
    assert cluster.sent == [
        "CREATE DATABASE IF NOT EXISTS `log` ON CLUSTER `main`",
        *HITS["statements"],
        *DAYS["statements"],
    ]
    assert cluster.settings[0]["distributed_ddl_task_timeout"] == ["7"]
    assert cluster.locks == [("anna", "/clickhouse/main/zoohouse/locks/schema")]
    assert set(cluster.znodes) == {f"{PATH}/hits", f"{PATH}/days"}
    again = cluster(HITS, DAYS, databases=["demo"])
    assert (again["changed"], again["applied"], cluster.sent, len(cluster.locks)) == (False, [], [], 1)
    assert {item["severity"] for item in again["findings"]} == {"ok"}


def test_a_check_shows_the_statements_and_sends_none(cluster):
    result = cluster(HITS, check=True)
    assert (result["changed"], cluster.sent, cluster.znodes) == (True, [], {})
    assert result["diff"] == {"before": "", "after": f"{TABLE};\n{ALTER};\n"}


def test_a_statement_that_fails_is_named_and_repeated(cluster):
    result = cluster(HITS, fail="ALTER")
    assert result["msg"] == "The schema was not applied completely. hits, statement 2: Code: 159. Timeout"
    result = cluster(HITS)
    assert result["changed"] and cluster.sent == [ALTER]
    assert cluster(HITS)["changed"] is False


def test_an_entry_that_has_changed_is_critical_and_nothing_is_applied(cluster):
    cluster(HITS)
    result = cluster(DAYS, {**HITS, "statements": [ALTER]})
    assert result["failed"] and cluster.sent == []
    assert "- hits: schema: found another text than that which was applied on 2" in result["msg"]
    assert [item["subject"] for item in result["findings"] if item["severity"] == "critical"] == ["hits"]


def test_nothing_is_applied_while_a_replica_is_not_healthy(cluster):
    result = cluster(HITS, peer=replaying("no_ensemble"))
    assert result["failed"] and "- ch2: session: found" in result["msg"]
    assert (cluster.sent, cluster.znodes, cluster.locks) == ([], {}, [])


def test_a_replica_that_is_down_does_not_matter_when_nothing_is_to_be_done(cluster):
    cluster(HITS)
    assert cluster(HITS, databases=["demo"], peer=lambda _query: (500, "down"))["changed"] is False


def test_without_anything_nothing_happens(cluster):
    assert cluster()["changed"] is False
