# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Queries over HTTP, to a server on the loopback."""

import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from helpers import error_answer, http_server, replaying, rows, tcp_server

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import (
    ClickHouseError,
    ClickHouseTimeout,
    Server,
    first_line,
    is_read,
)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        "select 1",
        "  \n SHOW TABLES",
        "-- why\nSELECT 1",
        "/* why\n */ DESCRIBE TABLE t",
        "/* a */ -- b\n EXISTS TABLE t",
        "(SELECT 1) UNION ALL (SELECT 2)",
        "WITH 1 AS x SELECT x",
    ],
)
def test_statements_that_read(query):
    assert is_read(query)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "INSERT INTO t SELECT 1",
        "-- SELECT\nDROP TABLE t",
        "/* SELECT */ ALTER TABLE t DROP COLUMN c",
        "SELECTED",
        "1",
        "--",
    ],
)
def test_statements_that_do_more_than_read(query):
    assert not is_read(query)


def test_the_first_line_is_the_server_s_own_words():
    _status, text = error_answer("no_ensemble", "session")
    assert first_line(text).startswith(
        "Code: 999, e.displayText() = Coordination::Exception: All connection tries failed"
    )
    assert "\n" not in first_line(text)
    assert first_line(" \n") == ""
    assert len(first_line("x" * 9999)) == 500


def test_rows_of_a_captured_answer():
    with http_server(replaying("healthy")) as (port, requests):
        result = Server(port=port).rows("SELECT database FROM system.replicas;\n")
    assert result == rows("healthy")
    ((path, _headers, body),) = requests
    assert body.split() == ["SELECT", "database", "FROM", "system.replicas", "FORMAT", "JSON"]
    assert parse_qs(urlsplit(path).query) == {"output_format_json_quote_64bit_integers": ["0"]}


def test_settings_are_sent_in_the_url():
    with http_server(lambda _query: "") as (port, requests):
        Server(port=port).execute("INSERT INTO t VALUES (1)", {"max_execution_time": 5, "log_queries": True})
    ((path, _headers, body),) = requests
    assert (path, body) == ("/?max_execution_time=5&log_queries=1", "INSERT INTO t VALUES (1)")


def test_the_password_is_sent_only_in_a_header():
    server = Server(port=0, user="admin", password="open sesame")
    assert "sesame" not in repr(server)
    with http_server(replaying("healthy")) as (port, requests):
        server = Server(port=port, user="admin", password="open sesame")
        server.ping()
        server.rows("SELECT version() AS version")
    assert [path.partition("?")[0] for path, _headers, _body in requests] == ["/ping", "/"]
    for path, headers, body in requests:
        assert "sesame" not in path + body
        assert (headers["X-ClickHouse-User"], headers["X-ClickHouse-Key"]) == ("admin", "open sesame")


@pytest.mark.parametrize("password", ["tschüß", "zażółć"])
def test_a_password_is_sent_as_utf_8(password):
    with http_server(lambda _query: "") as (port, requests):
        Server(port=port, password=password).execute("SELECT 1")
    assert requests[0][1]["X-ClickHouse-Key"].encode("latin-1").decode() == password


def test_the_error_is_that_of_the_server():
    with (
        http_server(lambda _query: error_answer("refused", "password")) as (port, _requests),
        pytest.raises(ClickHouseError) as result,
    ):
        Server(port=port).execute("SELECT 1")
    assert str(result.value).startswith("Code: 193, e.displayText() = DB::Exception: Wrong password for user admin")


def test_an_error_without_text_has_its_http_status():
    with (
        http_server(lambda _query: (503, "")) as (port, _requests),
        pytest.raises(ClickHouseError, match="HTTP status 503"),
    ):
        Server(port=port).execute("SELECT 1")


@pytest.mark.parametrize("text", ["", "1\n", "[]", '{"rows": 1}'])
def test_rows_that_are_no_json_are_an_error(text):
    with http_server(lambda _query: text) as (port, _requests), pytest.raises(ClickHouseError, match="not JSON"):
        Server(port=port).rows("SELECT 1")


def test_a_refused_connection_names_host_and_port():
    with http_server(lambda _query: "") as (port, _requests):
        pass
    with pytest.raises(ClickHouseError, match=rf"127\.0\.0\.1:{port}: .*refused"):
        Server(port=port).ping()


def test_silence_is_an_error_after_the_timeout():
    over = threading.Event()
    with tcp_server(lambda _word, _connection: over.wait(30)) as (host, port):
        with pytest.raises(ClickHouseTimeout, match="timed out"):
            Server(host, port, timeout=0.1).ping()
        over.set()


def test_an_answer_that_is_not_http_is_an_error():
    def babble(_word, connection):
        connection.sendall(b"220 mail.example.org\r\n")

    with tcp_server(babble) as (host, port), pytest.raises(ClickHouseError):
        Server(host, port, timeout=5).ping()


def test_a_comment_at_the_end_does_not_hide_the_format():
    with http_server(replaying("healthy")) as (port, requests):
        Server(port=port).rows("SELECT version() -- which one")
    assert requests[0][2].splitlines()[-1].strip() == "FORMAT JSON"
