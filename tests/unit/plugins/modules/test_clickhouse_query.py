# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""One statement, on a server that answers on the loopback."""

from urllib.parse import parse_qs, urlsplit

import pytest
from helpers import error_answer, http_server, replaying, rows, run_module

from ansible_collections.zoohouse.cluster.plugins.modules import clickhouse_query


def query(monkeypatch, port, text, check=False, **args):
    return run_module(monkeypatch, clickhouse_query.main, {"login_port": port, "query": text, **args}, check)


@pytest.mark.parametrize("check", [False, True])
def test_a_query_returns_its_rows_and_is_no_change(monkeypatch, check):
    with http_server(replaying("healthy")) as (port, requests):
        result = query(monkeypatch, port, "SELECT * FROM system.replicas", check)
    assert result == {"changed": False, "rows": rows("healthy")}
    assert parse_qs(urlsplit(requests[0][0]).query)["readonly"] == ["2"]


def test_any_other_statement_is_a_change(monkeypatch):
    with http_server(lambda _query: "done") as (port, requests):
        result = query(monkeypatch, port, "DROP TABLE t", settings={"max_execution_time": 5})
    assert result == {"changed": True, "output": "done"}
    assert requests[0][0] == "/?max_execution_time=5"


def test_check_mode_does_not_send_it(monkeypatch):
    with http_server(lambda _query: "done") as (port, requests):
        assert query(monkeypatch, port, "DROP TABLE t", check=True) == {"changed": True, "output": ""}
    assert requests == []


def test_an_error_of_the_server_fails(monkeypatch):
    with http_server(lambda _query: error_answer("refused", "password")) as (port, _requests):
        result = query(monkeypatch, port, "SELECT 1")
    assert result["failed"] and result["msg"].startswith("Code: 193")
