# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The status of members, from captured text and over real sockets."""

import socket
import threading
import time

import pytest
from helpers import changed, closed_port, status, tcp_server, words
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.status import (
    MemberStatus,
    ask,
    read_ensemble,
    read_member,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.transport import Transport
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.words import parse_version

# --- Captured text


def test_a_follower():
    member = status("healthy", "zk1")
    assert (member.mode, member.serving, member.reachable) == ("follower", True, True)
    assert (member.version, member.server_id, member.zxid) == ("3.8.0", 1, 0x100000013)
    assert member.metric("zk_outstanding_requests") == 0
    assert member.metric("zk_avg_latency") == 1.0385


def test_a_leader():
    member = status("healthy", "zk3")
    assert (member.mode, member.serving, member.server_id) == ("leader", True, 3)
    assert member.metric("zk_synced_followers") == 2


def test_a_standalone_member():
    member = status("standalone")
    assert (member.mode, member.serving, member.version) == ("standalone", True, "3.8.0")


def test_a_member_without_quorum_answers_and_is_not_serving():
    member = status("quorum_lost")
    assert (member.reachable, member.serving, member.mode) == (True, False, "")
    assert (member.version, member.zxid, member.server_id, member.metrics) == ("", None, None, {})


def test_a_member_that_did_not_answer():
    member = MemberStatus("zk1", error="timed out")
    assert (member.reachable, member.serving, member.version) == (False, False, "")


def test_a_status_as_a_module_returns_it():
    result = status("healthy", "zk3").as_dict()
    assert result.pop("metrics")["zk_synced_followers"] == "2"
    assert result == {
        "host": "zk3",
        "port": 2181,
        "reachable": True,
        "serving": True,
        "mode": "leader",
        "version": "3.8.0",
        "zxid": 0x100000013,
        "server_id": 3,
        "source": "words",
        "error": "",
    }


def test_a_metric_that_is_missing_or_no_number_is_none():
    member = status("healthy")
    assert member.metric("zk_synced_followers") is None
    assert member.metric("zk_server_state") is None


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("3.8.0-${mvngit.commit.id}, built on 2024-12-29 17:54 UTC", "3.8.0"),
        ("Zookeeper version: 3.8.0-${mvngit.commit.id}, built on 2024-12-29 17:54 UTC", "3.8.0"),
        ("3.4.13-5--1, built on Mon, 15 Jul 2019 02:26:59 +0000", "3.4.13"),
        ("3.9.3-c26634f34490bb0ea7a09cc51e05ede3b4e320ee, built on 2024-10-17 23:21 UTC", "3.9.3"),
        ("This ZooKeeper instance is not currently serving requests", ""),
        ("", ""),
    ],
)
def test_the_version_is_the_number_alone(text, version):
    assert parse_version(text) == version


@given(texts=st.dictionaries(st.sampled_from(["srvr", "mntr", "conf", "ruok"]), st.text()))
def test_garbage_never_raises(texts):
    MemberStatus("zk1", words=texts).as_dict()


@given(blob=st.binary())
def test_bytes_that_are_no_text_never_raise(blob):
    text = blob.decode("utf-8", "replace")
    MemberStatus("zk1", words=dict.fromkeys(["srvr", "mntr", "conf"], text)).as_dict()


@given(value=st.text(alphabet=st.characters(codec="ascii"), max_size=20))
def test_garbage_in_place_of_a_value_never_raises(value):
    member = status("healthy", "zk3")
    changed(member, "conf", "serverId=3", f"serverId={value}").as_dict()
    changed(member, "srvr", "Zxid: 0x100000013", f"Zxid: {value}").as_dict()
    changed(member, "srvr", "Mode: leader", f"Mode: {value}").as_dict()
    assert (
        changed(member, "mntr", "zk_synced_followers\t2", f"zk_synced_followers\tx{value}").metric(
            "zk_synced_followers"
        )
        is None
    )


@pytest.mark.parametrize("value", ["²", "9" * 5000])
def test_an_id_of_odd_digits_is_none(value):
    assert changed(status("healthy"), "conf", "serverId=1", f"serverId={value}").server_id is None


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_metric_that_is_not_finite_is_none(value):
    member = changed(status("healthy", "zk3"), "mntr", "zk_synced_followers\t2", f"zk_synced_followers\t{value}")
    assert member.metric("zk_synced_followers") is None


# --- Real sockets


def replay(situation, member="zk1"):
    """A member that answers from captured text, as ZooKeeper does: one word, then it closes."""
    result = words(situation, member)
    return lambda word, connection: connection.sendall(result[word].encode())


def test_a_member_that_answers():
    with tcp_server(replay("healthy", "zk3")) as (host, port):
        member = read_member(host, port, 5)
    assert (member.host, member.port, member.error) == (host, port, "")
    assert member.words == words("healthy", "zk3")


def test_a_member_that_answers_in_pieces():
    def pieces(_word, connection):
        for piece in ("Mode: ", "lead", "er\n"):
            connection.sendall(piece.encode())

    with tcp_server(pieces) as (host, port):
        assert ask(host, port, "srvr", 5) == "Mode: leader\n"


def test_words_that_are_not_allowed_are_left_out():
    with tcp_server(replay("not_allowed")) as (host, port):
        member = read_member(host, port, 5)
    assert (member.reachable, member.mode, list(member.words)) == (True, "standalone", ["srvr"])


def test_without_any_allowed_word_the_answer_is_the_error():
    with tcp_server(replay("not_allowed")) as (host, port):
        member = read_member(host, port, 5, ("mntr", "conf"))
    assert member.error == "mntr is not executed because it is not in the whitelist."
    assert not member.reachable


def test_a_member_without_quorum_is_reachable():
    with tcp_server(replay("quorum_lost")) as (host, port):
        member = read_member(host, port, 5)
    assert (member.reachable, member.serving) == (True, False)


def test_a_connection_closed_without_an_answer():
    with tcp_server(lambda _word, _connection: None) as (host, port):
        assert read_member(host, port, 5).error == "the connection was closed without an answer"


def test_a_refused_connection():
    with tcp_server(replay("healthy")) as (host, port):
        pass
    member = read_member(host, port, 5)
    assert not member.reachable
    assert "refused" in member.error


def test_a_name_that_cannot_be_one():
    assert not read_member("zk..1", 2181, 1).reachable


def test_silence_lasts_no_longer_than_the_timeout():
    over = threading.Event()
    with tcp_server(lambda _word, _connection: over.wait(30)) as (host, port):
        member = read_member(host, port, 0.1)
        over.set()
    assert member.error == "timed out"


def test_all_words_of_a_member_have_one_timeout():
    over = threading.Event()

    def slow(_word, connection):
        over.wait(1)
        connection.sendall(b"Mode: follower\n")

    with tcp_server(slow) as (host, port):
        start = time.monotonic()
        member = read_member(host, port, 1.5)
        took = time.monotonic() - start
        over.set()
    # The first word is in time. Three timeouts, one for each word, would be enough for all of them.
    assert member.error == "timed out"
    assert took < 2.8


def test_a_name_server_that_does_not_answer_costs_one_timeout(monkeypatch):
    over = threading.Event()

    def silence(*_args, **_options):
        over.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silence)
    start = time.monotonic()
    (member,) = read_ensemble([("zk1", 2181)], 0.1)
    took = time.monotonic() - start
    over.set()
    assert (member.host, member.error, member.refused) == ("zk1", "timed out", False)
    assert took < 5


def test_the_figures_of_a_member():
    assert status("healthy", "zk3").summary() == {
        "host": "zk3",
        "mode": "leader",
        "version": "3.8.0",
        "zxid": 0x100000013,
        "uptime_ms": 179987,
        "avg_latency": 1.25,
        "max_latency": 4,
        "outstanding_requests": 0,
        "connections": 2,
        "znodes": 9,
        "data_bytes": 243,
        "synced_followers": 2,
        "error": "",
    }
    assert {value for name, value in MemberStatus("zk1", error="timed out").summary().items() if name != "host"} == {
        "",
        None,
        "timed out",
    }


def test_a_member_that_drips_does_not_outlast_the_timeout():
    over = threading.Event()

    def drip(_word, connection):
        # It ends by itself, so that a failure does not hang.
        for _ in range(200):
            if over.wait(0.02):
                return
            connection.sendall(b"x")

    with tcp_server(drip) as (host, port), pytest.raises(TimeoutError):
        try:
            ask(host, port, "srvr", 0.2)
        finally:
            over.set()


def test_dead_members_cost_one_timeout_together_and_the_order_is_kept():
    over = threading.Event()
    silence = tcp_server(lambda _word, _connection: over.wait(30))
    with silence as dead, tcp_server(replay("healthy", "zk3")) as alive:
        start = time.monotonic()
        statuses = read_ensemble([dead] * 4 + [alive] + [dead] * 4, 1.0)
        took = time.monotonic() - start
        over.set()
    assert [member.reachable for member in statuses] == [False] * 4 + [True] + [False] * 4
    # One after the other would take eight timeouts.
    assert took < 4


def test_a_member_that_moves_is_asked_where_it_listens():
    with tcp_server(replay("healthy", "zk3")) as (host, previous):
        moving = Transport(previous_port=previous)
        statuses = read_ensemble([(host, closed_port())], 1.0, transport=moving)
        assert [(member.mode, member.port) for member in statuses] == [("leader", previous)]
        # The previous port is for a member that does not listen on its own one, not for one that does not answer.
        over = threading.Event()
        with tcp_server(lambda _word, _connection: over.wait(30)) as silent:
            (frozen,) = read_ensemble([silent], 0.3, transport=moving)
            over.set()
        assert (frozen.reachable, frozen.refused, frozen.port) == (False, False, silent[1])
    ports = closed_port(), closed_port()
    (stopped,) = read_ensemble([("127.0.0.1", ports[0])], 1.0, transport=Transport(previous_port=ports[1]))
    assert (stopped.refused, stopped.port) == (True, ports[0])


def test_no_members():
    assert read_ensemble([], 1) == []
