# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The sessions that a leader lists, and ephemeral znodes that outlived theirs.

The answers to `dump` have the format of ZooKeeper's sources: DumpCommand, SessionTrackerImpl, ExpiryQueue,
LeaderSessionTracker, LearnerSessionTracker, DataTree and, for the AdminServer, Commands.
"""

import json
from types import SimpleNamespace

import pytest
from helpers import admin_answers, admin_server, tcp_server
from hypothesis import given
from hypothesis import strategies as st
from kazoo.exceptions import ConnectionLoss, NoAuthError, NoNodeError

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.admin_server import translated
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.sessions import (
    SessionsError,
    find_outlived,
    parse_sessions,
    read_sessions,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.transport import PLAIN, Transport
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.walk import WalkError

LIST = """\
Session Sets (3)/(3):
0 expire at Thu Nov 26 14:00:02 UTC 2026:
1 expire at Thu Nov 26 14:00:12 UTC 2026:
	0x300004f2a1c0000
2 expire at Thu Nov 26 14:00:32 UTC 2026:
	0xff00004f2a1c0001
	0x100004f2b3d0000
"""
REST = """\
ephemeral nodes dump:
Sessions with Ephemerals (2):
0x300004f2a1c0000:
	/clickhouse/tables/01/hits/replicas/ch1/is_active
0x200004f2a1c0009:
	/clickhouse/tables/01/hits/replicas/ch2/is_active
Connections dump:
Connections Sets (2)/(1):
0 expire at Thu Nov 26 14:00:02 UTC 2026:
1 expire at Thu Nov 26 14:00:12 UTC 2026:
	ip: /127.0.0.1:40412 sessionId: 0x0
"""
LEADER = "SessionTracker dump:\n" + LIST + REST
FOLLOWER = "SessionTracker dump:\nGlobal Sessions(1):\n0x300004f2a1c0000\t30000ms\n" + REST
LOCAL = (
    "SessionTracker dump:\nLocal Session Sets (1)/(1):\n1 expire at Thu Nov 26 14:00:12 UTC 2026:\n\t0x1\nGlobal "
    + LIST
    + REST
)
SESSIONS = {0x300004F2A1C0000, 0xFF00004F2A1C0001, 0x100004F2B3D0000}
NOT_ALLOWED = "dump is not executed because it is not in the whitelist.\n"


# --- Answers


def test_the_sessions_that_a_leader_lists():
    assert parse_sessions(LEADER) == SESSIONS


def test_local_sessions_are_alive_too():
    assert parse_sessions(LOCAL) == {*SESSIONS, 1}


def test_an_ensemble_without_sessions():
    assert parse_sessions("SessionTracker dump:\nSession Sets (0)/(0):\n" + REST) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        NOT_ALLOWED,
        FOLLOWER,
        "This ZooKeeper instance is not currently serving requests\n",
        LEADER.partition(REST)[0],
    ],
)
def test_other_answers_are_no_list(text):
    assert parse_sessions(text) is None


def test_an_answer_that_ends_within_the_list_is_none():
    end = LEADER.index("Sessions with Ephemerals") - 1
    assert [length for length in range(end) if parse_sessions(LEADER[:length]) is not None] == []


def test_an_answer_that_ends_after_the_list_has_all_sessions():
    assert parse_sessions(LEADER[: LEADER.index("/clickhouse")]) == SESSIONS


@given(st.lists(st.one_of(st.text(), st.sampled_from(LEADER.splitlines() + FOLLOWER.splitlines()))))
def test_garbage_is_a_list_or_none(lines):
    sessions = parse_sessions("\n".join(lines))
    assert sessions is None or all(0 <= number < 1 << 64 for number in sessions)


# --- The AdminServer


def answers(state="leader", **dump):
    stats = {"version": "3.9.3", "server_stats": {"server_state": state}, "node_count": 5, "error": None}
    return {"server_stats": stats, "dump": {"command": "dump", "error": None, **dump}}


# Ids are signed numbers in JSON.
SETS = {"4000": [], "14000": [0x300004F2A1C0000], "34000": [0xFF00004F2A1C0001 - (1 << 64), 0x100004F2B3D0000]}


@pytest.mark.parametrize("state", ["leader", "standalone"])
def test_the_list_of_an_admin_server(state):
    owned = {"216172868410671104": ["/clickhouse/tables/01/hits/replicas/ch1/is_active"]}
    text = translated(answers(state, expiry_time_to_session_ids=SETS, session_id_to_ephemeral_paths=owned))["dump"]
    assert parse_sessions(text) == SESSIONS


@pytest.mark.parametrize(
    "said",
    [
        # A follower knows no session, and says so with an empty list.
        answers("follower", expiry_time_to_session_ids={}),
        answers("leader"),
        answers("leader", expiry_time_to_session_ids=[1]),
        answers("leader", expiry_time_to_session_ids=SETS, error="x"),
    ],
)
def test_an_admin_server_that_lists_no_sessions(said):
    assert "dump" not in translated(said)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists)


@given(st.dictionaries(st.text(), JSON) | JSON)
def test_any_json_is_a_list_or_none(value):
    text = translated(answers("leader", expiry_time_to_session_ids=value)).get("dump")
    assert text is None or parse_sessions(text) is not None


# --- Real sockets


def member(mode, dump=NOT_ALLOWED):
    def answer(word, connection):
        srvr = f"Zookeeper version: 3.8.0, built on x\nZxid: 0x1\nMode: {mode}\nNode count: 5\n"
        connection.sendall({"srvr": srvr, "dump": dump}[word].encode())

    return tcp_server(answer)


def test_only_the_leader_is_asked():
    with member("follower", FOLLOWER) as follower, member("leader", LEADER) as leader:
        assert read_sessions([follower, leader], 5, PLAIN) == SESSIONS


def test_a_member_that_is_alone_is_asked():
    with member("standalone", LEADER) as alone:
        assert read_sessions([alone], 5, PLAIN) == SESSIONS


@pytest.mark.parametrize(
    ("modes", "reason"),
    [
        (("follower", "follower"), ", because the leader is none of the hosts"),
        (("leader", "leader"), ", because the leader is 127.0.0.1, 127.0.0.1"),
        (("leader", "follower"), " from the leader 127.0.0.1: dump is not executed because it is not in the whitelist"),
    ],
)
def test_without_a_list_of_one_leader_the_reason_is_named(modes, reason):
    with member(modes[0]) as one, member(modes[1]) as other, pytest.raises(SessionsError) as raised:
        read_sessions([one, other], 5, PLAIN)
    assert str(raised.value) == f"no list of sessions{reason}"
    assert raised.value.hint


def test_a_leader_that_has_stopped_leading_gives_no_list():
    with (
        member("leader", FOLLOWER) as leader,
        pytest.raises(SessionsError, match="its answer is another one") as raised,
    ):
        read_sessions([leader], 5, PLAIN)
    assert "zookeeper_extra_words" in raised.value.hint and "admin_port" in raised.value.hint


def test_an_admin_server_lists_more_than_other_answers_may_have():
    sets = {str(1000 * number): list(range(number << 40, (number << 40) + 1000)) for number in range(1, 101)}
    said = {
        **admin_answers("healthy", "zk3"),
        "dump": (200, json.dumps(answers(expiry_time_to_session_ids=sets)["dump"])),
    }
    assert len(said["dump"][1]) > 1 << 20
    with member("leader") as (host, port), admin_server(said) as (admin, paths):
        sessions = read_sessions([(host, port)], 10, Transport(admin_port=admin))
    assert sessions == {number for ids in sets.values() for number in ids}
    assert paths == ["/commands/server_stats", "/commands/server_stats", "/commands/dump"]


# --- Znodes


class Client:
    """The calls of a kazoo client that this needs: `owners` by path is what its member has, once it has caught up."""

    def __init__(self, owners, session=7, behind=None):
        self.owners, self.behind = owners, owners if behind is None else behind
        self.client_id = (session, b"") if session else None
        self.errors = []

    def sync(self, _path):
        self.behind = self.owners

    def get_async(self, path):
        error = self.errors.pop(0) if self.errors else None if path in self.behind else NoNodeError()
        stat = SimpleNamespace(ephemeralOwner=self.behind.get(path, 0), numChildren=0)

        def get(block):
            if error:
                raise error
            return b"", stat

        result = SimpleNamespace(get=get)
        result.rawlink = lambda callback: callback(result)
        return result

    def get(self, path):
        return self.get_async(path).get(block=True)


def outlived(clients, owners, *lists, settled=lambda: None):
    """Each list is one answer of the leader; every one has the sessions of the clients."""
    left = list(lists)
    own = {client.client_id[0] for client in clients if client.client_id}
    return find_outlived(clients, owners, lambda: frozenset(left.pop(0) | own), settled)


def test_a_znode_whose_session_has_ended():
    owners = {"/a": 1, "/b": 2, "/c": 2}
    assert outlived([Client(owners)], owners, {1}, {1}) == {"/b": 2, "/c": 2}


def test_when_all_sessions_are_alive_the_leader_is_asked_once():
    owners = {"/a": 1, "/b": 2}
    assert outlived([Client(owners)], owners, {1, 2, 3}) == {}


def test_an_id_is_a_number_without_a_sign():
    owner = 0xFF00004F2A1C0001
    client = Client({"/a": owner - (1 << 64)}, session=-2)
    lists = [frozenset({owner, (1 << 64) - 2}), frozenset({(1 << 64) - 2})]
    assert find_outlived([client], client.owners, lambda: lists[0], lambda: None) == {}
    assert find_outlived([client], client.owners, lambda: lists[1], lambda: None) == {"/a": owner}


def test_a_session_that_the_first_list_lacks_is_alive_when_the_second_has_it():
    owners = {"/a": 1}
    assert outlived([Client(owners)], owners, set(), {1}) == {}


def test_a_session_that_is_just_ending_takes_its_znodes_with_it():
    """The leader has taken the session from its list, and the transaction that removes the znode is not done yet."""
    client = Client({"/a": 1})

    def settled():
        client.owners = {}

    assert outlived([client], {"/a": 1}, set(), settled=settled) == {}


def test_a_znode_that_another_session_has_created_again():
    assert outlived([Client({"/a": 2})], {"/a": 1}, {2}) == {}


def test_a_member_that_is_behind_catches_up_first():
    assert outlived([Client({}, behind={"/a": 1})], {"/a": 1}, set()) == {}


def test_a_znode_that_only_one_of_the_members_has():
    clients = [Client({}, session=7), Client({"/a": 1}, session=8)]
    assert outlived(clients, {"/a": 1}, set(), set()) == {"/a": 1}


@pytest.mark.parametrize("session", [9, None])
def test_a_list_without_the_session_of_the_module_is_not_believed(session):
    client = Client({"/a": 1}, session)
    with pytest.raises(SessionsError, match=r"^a list of sessions without the one of this module$"):
        find_outlived([client], client.owners, lambda: frozenset({7}), lambda: None)


def test_a_lost_connection_does_not_hide_a_znode():
    client = Client({"/a": 1})
    client.errors = [ConnectionLoss(), None, ConnectionLoss(), None]
    assert outlived([client], {"/a": 1}, set(), set()) == {"/a": 1}


def test_another_error_names_the_path():
    client = Client({"/a": 1})
    client.errors = [NoAuthError()]
    with pytest.raises(WalkError, match=r"^/a: NoAuthError"):
        outlived([client], {"/a": 1}, set())
