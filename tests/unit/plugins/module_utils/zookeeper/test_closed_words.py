# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""An ensemble whose words are closed: a real server without mntr, and a filter in front of it that closes all words."""

import socket
import time

import pytest
from helpers import changed, closed_port, down, healthy_ensemble, run_module, tcp_server
from kazoo.client import KazooClient
from zookeeper_server import until

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.closed_words import (
    ask_for_sessions,
    check_external,
    check_quorum_of,
    is_silent,
    read_quorum,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.status import NOT_ALLOWED, MemberStatus
from ansible_collections.zoohouse.cluster.plugins.modules import zookeeper_health


def close(word, connection):
    connection.sendall(f"{word} is not executed because it is not in the whitelist.\n".encode())


@pytest.fixture
def closed(ensemble):
    """The endpoint of a filter in front of a real server: it lets sessions through, and no words.

    A server of Apache always executes srvr.
    """

    def answer(start, connection):
        if start.isalpha():
            close(start, connection)
            return
        with socket.create_connection(("127.0.0.1", ensemble.port)) as server:
            server.sendall(start.encode() + connection.recv(4096))
            while data := server.recv(4096):
                connection.sendall(data)

    with tcp_server(answer) as (host, port):
        yield f"{host}:{port}"


def health(monkeypatch, *hosts, **args):
    args = {"hosts": list(hosts), "timeout": 0, "external": True, "report_only": True, **args}
    return run_module(monkeypatch, zookeeper_health.main, args)


def by_check(result):
    return {finding["check"]: finding for finding in result["findings"]}


def test_a_member_without_words_serves_if_it_gives_a_session(monkeypatch, closed):
    result = health(monkeypatch, closed)
    assert result["healthy"], result["findings"]
    found = by_check(result)
    assert set(found) == {"serving", "quorum", "metrics"}
    assert (found["serving"]["severity"], found["serving"]["expected"]) == (OK, "a session")
    assert found["quorum"]["found"] == "1 of 1 members give a session"
    assert (found["metrics"]["severity"], found["metrics"]["found"]) == (
        WARNING,
        "not known: srvr, mntr, conf are closed",
    )
    # An ensemble of the inventory has its words open.
    assert not health(monkeypatch, closed, external=False)["healthy"]


def test_the_warning_can_be_switched_off(monkeypatch, closed):
    found = by_check(health(monkeypatch, closed, limits={"metrics": False}))
    assert set(found) == {"serving", "quorum"}


def test_a_session_ends_with_the_question(ensemble):
    """Somebody else's ensemble keeps nothing of it."""
    client = KazooClient(hosts=ensemble.endpoint)
    client.start()
    try:
        before = client.command(b"dump").split("ephemeral nodes")[0].count("0x")
        silent = MemberStatus("127.0.0.1", ensemble.port, error=NOT_ALLOWED)
        assert ask_for_sessions([silent] * 5, 5) == {("127.0.0.1", ensemble.port): ""}
        after = client.command(b"dump").split("ephemeral nodes")[0].count("0x")
        assert before == after == 1
    finally:
        client.stop()
        client.close()


def test_an_open_srvr_is_enough(monkeypatch, ensemble):
    result = health(monkeypatch, ensemble.endpoint)
    found = by_check(result)
    assert result["healthy"] and result["leader"] is None
    assert found["serving"]["found"].startswith("standalone") and found["metrics"]["severity"] == WARNING


def test_a_server_without_a_quorum_gives_no_session(monkeypatch):
    """It closes the connection; so does this one."""

    def answer(word, connection):
        if word.isalpha():
            close(word, connection)

    with tcp_server(answer) as (host, port):
        result = health(monkeypatch, f"{host}:{port}", state="quorum")
    (finding,) = result["findings"]
    assert finding["severity"] == CRITICAL
    assert finding["found"] == f"0 of 1 members give a session ({host}:{port}: no session)"


def test_a_server_that_hangs_costs_one_timeout(monkeypatch):
    def answer(word, connection):
        if word.isalpha():
            close(word, connection)
        else:
            until(lambda: connection.recv(4096) == b"", 10, "the client gives up")

    with tcp_server(answer) as (host, port):
        started = time.monotonic()
        result = health(monkeypatch, f"{host}:{port}", state="quorum", connect_timeout=0.3)
        assert time.monotonic() - started < 5
    assert "timed out" in result["findings"][0]["found"]


def test_nobody_listens(monkeypatch, closed):
    """One member of two gives a session, so the ensemble has its quorum: the other one is down."""
    result = health(monkeypatch, closed, f"127.0.0.1:{closed_port()}")
    serving = [finding["severity"] for finding in result["findings"] if finding["check"] == "serving"]
    assert sorted(serving) == [CRITICAL, OK] and by_check(result)["quorum"]["severity"] == OK
    result = health(monkeypatch, f"127.0.0.1:{closed_port()}", state="quorum")
    assert "refused" in result["findings"][0]["found"]


def test_a_restart_may_go_on_without_words(closed):
    host, port = closed.split(":")
    assert read_quorum([(host, int(port))], 5).severity == OK
    assert read_quorum([("127.0.0.1", closed_port())], 5).severity == CRITICAL


def test_the_leader_does_not_say_how_many_followers_are_in_sync():
    members = healthy_ensemble()
    without = [MemberStatus(m.host, m.port, {w: t for w, t in m.words.items() if w != "mntr"}) for m in members]
    found = {finding.check: finding.severity for finding in check_external(without, {}, DEFAULTS)}
    assert CRITICAL not in found.values() and found["quorum"] == OK and "synced_followers" not in found
    follows = [*without[:2], members[2]]
    assert "synced_followers" in [finding.check for finding in check_external(follows, {}, DEFAULTS)]


def test_open_members_are_checked_beside_closed_ones():
    first, second, leader = healthy_ensemble()
    slow = changed(second, "mntr", "zk_outstanding_requests\t0", "zk_outstanding_requests\t99")
    silent = MemberStatus(first.host, first.port, error=NOT_ALLOWED)
    sessions = {(first.host, first.port): ""}
    findings = check_external([silent, slow, leader], sessions, DEFAULTS)
    assert [f.subject for f in findings if f.check == "outstanding_requests" and f.severity == WARNING] == ["zk2"]
    assert [f.subject for f in findings if f.check == "serving"] == ["zk1", "zk2", "zk3"]
    assert not [f for f in findings if f.severity == CRITICAL]
    assert check_quorum_of([silent, slow, leader], sessions).found == "3 of 3 members give a session"


def test_who_is_silent():
    first, *_others = healthy_ensemble()
    assert not is_silent(first) and not is_silent(down("zk1"))
    assert is_silent(MemberStatus("zk1", words={"conf": "clientPort=2181"}))
