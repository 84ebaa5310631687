# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What members answered, from captured text, and asking them over real sockets."""

import threading
import time

import pytest
from helpers import changed, reading, tcp_server, words
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.reading import (
    Reading,
    ask,
    parse_version,
    read_ensemble,
    read_member,
)

# --- Captured text


def test_a_follower():
    one = reading("whole", "zk1")
    assert (one.mode, one.serving, one.reachable) == ("follower", True, True)
    assert (one.version, one.server_id, one.zxid) == ("3.8.0", 1, 0x100000013)
    assert one.metric("zk_outstanding_requests") == 0
    assert one.metric("zk_avg_latency") == 1.0385


def test_a_leader():
    one = reading("whole", "zk3")
    assert (one.mode, one.serving, one.server_id) == ("leader", True, 3)
    assert one.metric("zk_synced_followers") == 2


def test_a_standalone_member():
    one = reading("alone")
    assert (one.mode, one.serving, one.version) == ("standalone", True, "3.8.0")


def test_a_member_without_quorum_answers_and_serves_nobody():
    one = reading("quorum_lost")
    assert (one.reachable, one.serving, one.mode) == (True, False, "")
    assert (one.version, one.zxid, one.server_id, one.metrics) == ("", None, None, {})


def test_a_member_that_did_not_answer():
    one = Reading("zk1", error="timed out")
    assert (one.reachable, one.serving, one.version) == (False, False, "")


def test_a_reading_as_a_module_returns_it():
    told = reading("whole", "zk3").as_dict()
    assert told.pop("metrics")["zk_synced_followers"] == "2"
    assert told == {
        "host": "zk3",
        "port": 2181,
        "reachable": True,
        "serving": True,
        "mode": "leader",
        "version": "3.8.0",
        "zxid": 0x100000013,
        "server_id": 3,
        "error": "",
    }


def test_a_metric_that_is_not_told_or_no_number_is_none():
    one = reading("whole")
    assert one.metric("zk_synced_followers") is None
    assert one.metric("zk_server_state") is None


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
    Reading("zk1", words=texts).as_dict()


@given(blob=st.binary())
def test_bytes_that_are_no_text_never_raise(blob):
    text = blob.decode("utf-8", "replace")
    Reading("zk1", words=dict.fromkeys(["srvr", "mntr", "conf"], text)).as_dict()


@given(value=st.text(alphabet=st.characters(codec="ascii"), max_size=20))
def test_garbage_in_place_of_a_value_never_raises(value):
    one = reading("whole", "zk3")
    changed(one, "conf", "serverId=3", f"serverId={value}").as_dict()
    changed(one, "srvr", "Zxid: 0x100000013", f"Zxid: {value}").as_dict()
    changed(one, "srvr", "Mode: leader", f"Mode: {value}").as_dict()
    assert (
        changed(one, "mntr", "zk_synced_followers\t2", f"zk_synced_followers\tx{value}").metric("zk_synced_followers")
        is None
    )


@pytest.mark.parametrize("value", ["²", "9" * 5000])
def test_an_id_of_odd_digits_is_none(value):
    assert changed(reading("whole"), "conf", "serverId=1", f"serverId={value}").server_id is None


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_metric_that_is_not_finite_is_none(value):
    one = changed(reading("whole", "zk3"), "mntr", "zk_synced_followers\t2", f"zk_synced_followers\t{value}")
    assert one.metric("zk_synced_followers") is None


# --- Real sockets


def replay(situation, member="zk1"):
    """A member that answers from captured text, as ZooKeeper does: one word, then it closes."""
    told = words(situation, member)
    return lambda word, connection: connection.sendall(told[word].encode())


def test_a_member_that_answers():
    with tcp_server(replay("whole", "zk3")) as (host, port):
        one = read_member(host, port, 5)
    assert (one.host, one.port, one.error) == (host, port, "")
    assert one.words == words("whole", "zk3")


def test_a_member_that_answers_in_pieces():
    def pieces(_word, connection):
        for piece in ("Mode: ", "lead", "er\n"):
            connection.sendall(piece.encode())

    with tcp_server(pieces) as (host, port):
        assert ask(host, port, "srvr", 5) == "Mode: leader\n"


def test_a_word_that_is_not_permitted_is_told_as_the_error():
    with tcp_server(replay("not_permitted")) as (host, port):
        one = read_member(host, port, 5)
    assert one.error == "mntr is not executed because it is not in the whitelist."
    assert not one.reachable


def test_a_member_without_quorum_is_reachable():
    with tcp_server(replay("quorum_lost")) as (host, port):
        one = read_member(host, port, 5)
    assert (one.reachable, one.serving) == (True, False)


def test_a_connection_closed_without_an_answer():
    with tcp_server(lambda _word, _connection: None) as (host, port):
        assert read_member(host, port, 5).error == "the connection was closed without an answer"


def test_a_refused_connection():
    with tcp_server(replay("whole")) as (host, port):
        pass
    one = read_member(host, port, 5)
    assert not one.reachable
    assert "refused" in one.error


def test_a_name_that_cannot_be_one():
    assert not read_member("zk..1", 2181, 1).reachable


def test_silence_lasts_no_longer_than_the_timeout():
    over = threading.Event()
    with tcp_server(lambda _word, _connection: over.wait(30)) as (host, port):
        one = read_member(host, port, 0.1)
        over.set()
    assert one.error == "timed out"


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
    with silence as dead, tcp_server(replay("whole", "zk3")) as alive:
        start = time.monotonic()
        readings = read_ensemble([dead] * 4 + [alive] + [dead] * 4, 1.0)
        took = time.monotonic() - start
        over.set()
    assert [one.reachable for one in readings] == [False] * 4 + [True] + [False] * 4
    # One after the other would take eight timeouts.
    assert took < 4


def test_nobody_to_ask():
    assert read_ensemble([], 1) == []
