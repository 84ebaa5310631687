# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The answers of AdminServers, captured together with the words of the same members, and over real sockets."""

import contextlib
import json
import threading
import time

import pytest
from helpers import CAPTURED, admin_answers, admin_server, closed_port, tcp_server
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.admin_server import (
    AdminServerError,
    ask_admin_server,
    ask_for_words,
    translated,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.checks import (
    check_ensemble,
    check_safe_to_stop,
    is_down,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.local import check_local
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.membership import parse_servers
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.skew import check_membership, check_skew
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.status import (
    WORDS,
    MemberStatus,
    read_ensemble,
    read_member,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.transport import Transport
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.voters import Voters, voters_of
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.words import parse_conf

SERVING = [
    ("3.9.3", "zk3"),
    ("healthy", "zk1"),
    ("healthy", "zk3"),
    ("observer", "zk1"),
    ("observer", "zk4"),
    ("standalone", "zk1"),
]
VOTERS = "server.1=zk1:2888:3888\nserver.2=zk2:2888:3888\nserver.3=zk3:2888:3888\n"


def answers(situation, member="zk1"):
    return {
        command: json.loads(text) for command, (code, text) in admin_answers(situation, member).items() if code == 200
    }


def said(situation, member="zk1", host=""):
    """The status of a member from its AdminServer."""
    texts = translated(answers(situation, member))
    return MemberStatus(host or member, words=texts, from_admin_server=frozenset(texts))


def worded(situation, member="zk1", host=""):
    """The status of the same member from its words."""
    directory = CAPTURED / "zookeeper" / "admin_server" / situation
    return MemberStatus(
        host or member, words={word: (directory / f"{member}.{word}.txt").read_text() for word in WORDS}
    )


def by_check(findings):
    return {finding.check: finding for finding in findings}


# --- Captured text


@pytest.mark.parametrize(("situation", "member"), SERVING)
def test_a_member_is_the_same_as_by_its_words(situation, member):
    one, other = said(situation, member), worded(situation, member)
    for name in ("reachable", "serving", "mode", "version", "zxid", "server_id"):
        assert getattr(one, name) == getattr(other, name), name
    assert one.servers == {number: server for number, server in other.servers.items() if not server.observer}
    assert set(one.metrics) - set(other.metrics) == {"zk_fsync_threshold_exceed_count"}
    # Metrics for one client, such as the one that asked for the words, exist since it was there.
    assert len(set(other.metrics) - set(one.metrics)) < 10
    for name in ("zk_peer_state", "zk_znode_count", "zk_synced_followers", "zk_max_file_descriptor_count"):
        assert one.metrics.get(name) == other.metrics.get(name), name


@pytest.mark.parametrize(("situation", "member"), SERVING)
def test_the_settings_that_it_knows_are_those_of_conf(situation, member):
    one, other = parse_conf(said(situation, member).words["conf"]), parse_conf(worded(situation, member).words["conf"])
    assert {"clientPort", "maxClientCnxns", "tickTime", "dataDir", "serverId"} <= set(one)
    assert one.items() <= other.items()


def test_fsyncs_that_were_too_slow_are_a_metric():
    assert said("healthy", "zk3").metric("zk_fsync_threshold_exceed_count") == 0


def test_a_member_without_quorum_says_so():
    member = said("quorum_lost")
    assert (member.reachable, member.serving, member.mode, member.metrics) == (True, False, "", {})
    assert is_down([member], "zk1")
    serving = by_check(check_ensemble([member]))["serving"]
    assert serving.found == "running, but not serving (no quorum, or still joining)"


def test_a_report_says_that_only_the_admin_server_answered():
    (finding,) = [finding for finding in check_ensemble([said("standalone")]) if finding.check == "serving"]
    assert (finding.severity, finding.found) == (OK, "standalone, 3.8.0, says its AdminServer")
    assert said("standalone").as_dict()["source"] == "admin_server"


def test_an_ensemble_is_healthy_as_by_its_words():
    limits = {**DEFAULTS}
    del limits["recent_restart"]
    servers = parse_servers(VOTERS)
    one = check_ensemble([said("healthy", f"zk{n}") for n in (1, 2, 3)], servers, limits)
    other = check_ensemble([worded("healthy", f"zk{n}") for n in (1, 2, 3)], servers, limits)
    assert {finding.severity for finding in one} == {OK}
    assert [(finding.check, finding.subject) for finding in one] == [
        (finding.check, finding.subject) for finding in other
    ]


def test_one_member_by_its_admin_server_among_others_is_no_difference():
    statuses = [worded("healthy", "zk1"), said("healthy", "zk2"), worded("healthy", "zk3")]
    found = by_check(check_skew(statuses, DEFAULTS) + check_membership(statuses, None))
    assert (found["config_skew"].severity, found["membership"].severity) == (OK, OK)


def test_a_setting_that_both_know_is_compared():
    other = said("healthy", "zk2")
    other.words["conf"] = other.words["conf"].replace("tickTime=2000", "tickTime=3000")
    found = by_check(check_skew([worded("healthy", "zk1"), other], DEFAULTS))["config_skew"]
    assert (found.severity, found.found) == (WARNING, "tickTime: 2000 on zk1, 3000 on zk2")


def test_observers_that_the_admin_server_does_not_name_are_no_difference():
    servers = parse_servers(f"{VOTERS}server.4=zk4:2888:3888:observer\n")
    for statuses in (
        [said("observer", "zk1"), said("observer", "zk4")],
        [worded("observer", "zk1"), said("observer", "zk4")],
    ):
        assert [finding.severity for finding in check_membership(statuses, servers)] == [OK]
    other = parse_servers(VOTERS.replace("zk3", "zk9"))
    assert [finding.severity for finding in check_membership([said("observer")], other)] == [CRITICAL]


def test_an_observer_is_no_voter():
    members = [said("healthy", f"zk{n}") for n in (1, 2, 3)]
    assert voters_of([*members, said("observer", "zk4")]).size == 3
    assert voters_of([*members, worded("observer", "zk4")]).size == 3
    assert voters_of([worded("observer", "zk1"), *members[1:], said("observer", "zk4")]).size == 3
    (finding,) = check_safe_to_stop([*members, said("observer", "zk4")], "zk4")
    assert (finding.severity, finding.found) == (OK, "an observer, which does not count for the quorum")


@pytest.mark.parametrize("position", [0, 2])
def test_weights_that_one_member_reports_count(position):
    weighted = worded("healthy", "zk3")
    weighted.words["conf"] += "\ngroup.1=1:2:3\nweight.1=0\nweight.2=0\nweight.3=5\n"
    statuses = [said("healthy", "zk1"), said("healthy", "zk2")]
    statuses.insert(position, weighted)
    assert voters_of(statuses) == Voters(1, frozenset({1, 2, 3}), ({1: 0, 2: 0, 3: 5},))


def test_the_configuration_that_runs_is_compared_without_observers():
    settings = {"server.1": "zk1:2888:3888", "server.2": "zk2:2888:3888", "server.3": "zk3:2888:3888"}
    settings |= {"server.4": "zk4:2888:3888:observer", "tickTime": "2000", "initLimit": "10", "dataDir": "/var/zk/data"}

    def found(settings):
        return by_check(check_local("zk1", {"settings": settings}, said("observer"), DEFAULTS))["running_config"]

    assert found(settings).severity == OK
    assert found({**settings, "server.3": "zk9:2888:3888"}).severity == WARNING
    assert found({**settings, "tickTime": "3000"}).found == "tickTime 2000, zoo.cfg has 3000"


@pytest.mark.parametrize(
    ("server", "line"),
    [
        ({"server_addresses": ["[fd00::1]:2888"], "election_addresses": ["[fd00::1]:3888"]}, "[fd00::1]:2888:3888"),
        (
            {"server_addresses": ["a:2888", "b:2889"], "election_addresses": ["a:3888", "b:3889"]},
            "a:2888:3888|b:2889:3889",
        ),
        ({"server_addresses": ["a:2888"], "election_addresses": ["a"]}, None),
        ({"server_addresses": [], "election_addresses": []}, None),
        ({"server_addresses": "a:2888"}, None),
        (None, None),
    ],
)
def test_the_addresses_of_a_voter(server, line):
    conf = translated({"server_stats": {}, "voting_view": {"current_config": {"7": server}}}).get("conf", "")
    assert conf == (f"membership: \nserver.7={line}:participant\n" if line else "")


def test_a_zxid_is_a_number_without_a_sign():
    stats = {"server_stats": {"server_state": "leader", "last_processed_zxid": -1}}
    assert MemberStatus("zk1", words=translated({"server_stats": stats})).zxid == (1 << 64) - 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    values=st.dictionaries(
        st.sampled_from(["server_stats", "version", "error", "current_config", "zk", "server_id", "uptime"]), JSON
    )
)
def test_any_json_is_translated_or_left_out(values):
    texts = translated(dict.fromkeys(["server_stats", "monitor", "configuration", "voting_view"], values))
    MemberStatus("zk1", words=texts).as_dict()


def test_a_value_never_becomes_a_second_line():
    texts = translated({"server_stats": {"server_stats": {"server_state": "looking\nMode: leader"}}})
    assert MemberStatus("zk1", words=texts).serving is False


# --- Real sockets


def deadline(seconds=5.0):
    return time.monotonic() + seconds


def raw(data, seconds=5.0):
    """What is understood of these bytes, sent by a server."""

    def answer(_start, connection):
        connection.recv(4096)
        connection.sendall(data)

    with tcp_server(answer) as (host, port):
        return ask_admin_server(host, port, "monitor", deadline(seconds))


@contextlib.contextmanager
def mute_member():
    """A member that accepts connections and never answers."""
    over = threading.Event()
    with tcp_server(lambda _word, _connection: over.wait(30)) as endpoint:
        yield endpoint
        over.set()


def not_allowed(word, connection):
    connection.sendall(f"{word} is not executed because it is not in the whitelist.\n".encode())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no JSON"),
        (b"Mode: leader\n", "no JSON"),
        (b"{}", "no JSON"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "no JSON"),
        (b"HTTP/1.1 200 OK\r\n\r\n[1, 2]", "no JSON"),
        (b'HTTP/1.1 200 OK\r\n\r\n"leader"', "no JSON"),
        (b"HTTP/1.1 200 OK\r\n\r\n{\xff", "no JSON"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 100_000, "no JSON"),
        (b'HTTP/1.1 200 OK\r\n\r\n{"x": ' + b"9" * 10_000 + b"}", "no JSON"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n<html>", "HTTP status 404"),
    ],
)
def test_anything_but_a_dict_is_no_answer(data, message):
    with pytest.raises(AdminServerError, match=f"^{message} in answer to monitor"):
        raw(data)


def test_json_with_another_status_is_an_answer():
    assert raw(b'HTTP/1.1 503 Service Unavailable\r\n\r\n{"error": "x"}') == {"error": "x"}


def test_an_answer_that_is_too_long_is_none():
    with pytest.raises(AdminServerError, match="no JSON"):
        raw(b'HTTP/1.1 200 OK\r\n\r\n{"x": "' + b"x" * (1 << 20) + b'"}')


def test_a_member_whose_words_are_not_allowed():
    with tcp_server(not_allowed) as (host, port), admin_server(admin_answers("healthy", "zk3")) as (admin, paths):
        member = read_member(host, port, 5, transport=Transport(admin_port=admin))
    assert member.words == said("healthy", "zk3").words
    assert (member.mode, member.error, member.source, member.port) == ("leader", "", "admin_server", port)
    assert paths == [f"/commands/{name}" for name in ("server_stats", "monitor", "configuration", "voting_view")]


def test_a_member_whose_client_port_is_closed():
    with admin_server(admin_answers("healthy", "zk1")) as (admin, _paths):
        member = read_member("127.0.0.1", closed_port(), 5, transport=Transport(admin_port=admin))
    assert (member.mode, member.refused, len(member.servers)) == ("follower", False, 3)


def test_a_member_that_does_not_answer_words_leaves_time_for_its_admin_server():
    with mute_member() as (host, port), admin_server(admin_answers("healthy", "zk1")) as (admin, _paths):
        member = read_member(host, port, 2.0, transport=Transport(admin_port=admin))
    assert member.mode == "follower"


def test_a_member_without_quorum_is_asked_once():
    with admin_server(admin_answers("quorum_lost")) as (admin, paths):
        member = read_member("127.0.0.1", closed_port(), 5, transport=Transport(admin_port=admin))
    assert (member.reachable, member.serving, paths) == (True, False, ["/commands/server_stats"])


def test_words_that_are_not_allowed_are_filled_in():
    texts = worded("healthy", "zk3").words

    def answer(word, connection):
        if word == "srvr":
            connection.sendall(texts[word].encode())
        else:
            not_allowed(word, connection)

    with tcp_server(answer) as (host, port), admin_server(admin_answers("healthy", "zk3")) as (admin, _paths):
        member = read_member(host, port, 5, transport=Transport(admin_port=admin))
    assert member.words["srvr"] == texts["srvr"]
    assert (member.source, member.full_config, member.server_id) == ("words", False, 3)
    assert member.metric("zk_synced_followers") == 2


def test_a_member_that_answers_all_words_adds_the_metric_that_they_lack():
    texts = worded("healthy", "zk3").words
    with tcp_server(lambda word, connection: connection.sendall(texts[word].encode())) as (host, port):
        with admin_server(admin_answers("healthy", "zk3")) as (admin, paths):
            member = read_member(host, port, 5, transport=Transport(admin_port=admin))
        without = read_member(host, port, 5, transport=Transport(admin_port=closed_port()))
    assert paths == ["/commands/server_stats"]
    assert set(member.metrics) - set(without.metrics) == {"zk_fsync_threshold_exceed_count"}
    assert (member.full_config, member.source, without.words) == (True, "words", texts)


@pytest.mark.parametrize("error", ["Unknown command: server_stats", "Request throttled", True])
def test_another_error_is_no_proof_that_the_member_does_not_serve(error):
    stats = json.dumps({"command": "server_stats", "error": error})
    with admin_server({"server_stats": (200, stats)}) as (admin, _paths):
        member = read_member("127.0.0.1", closed_port(), 5, transport=Transport(admin_port=admin))
    assert (member.reachable, member.refused) == (False, False)
    assert not is_down([member], "127.0.0.1")


def test_an_answer_without_a_state_is_none():
    with (
        admin_server({"server_stats": (200, "{}")}) as (admin, _paths),
        pytest.raises(AdminServerError, match="no server_state"),
    ):
        ask_for_words("127.0.0.1", admin, WORDS, deadline())


def test_a_command_that_an_older_version_does_not_have_is_left_out():
    known = admin_answers("healthy", "zk1")
    del known["voting_view"]
    with admin_server(known) as (admin, _paths):
        member = read_member("127.0.0.1", closed_port(), 5, transport=Transport(admin_port=admin))
    assert (member.mode, member.server_id, member.servers) == ("follower", 1, {})


def test_a_member_is_known_not_to_run_when_both_ports_are_closed():
    port, admin = closed_port(), closed_port()
    member = read_member("127.0.0.1", port, 5, transport=Transport(admin_port=admin))
    assert (member.reachable, member.refused) == (False, True)
    assert f"; AdminServer on port {admin}: " in member.error
    with mute_member() as (host, mute):
        member = read_member(host, port, 0.2, transport=Transport(admin_port=mute))
    assert (member.reachable, member.refused) == (False, False)


def test_everything_has_one_timeout():
    over = threading.Event()

    def drip(_word, connection):
        for _number in range(200):
            if over.wait(0.02):
                return
            connection.sendall(b"x")

    with tcp_server(drip) as (host, port), tcp_server(drip) as (_host, admin):
        start = time.monotonic()
        (member,) = read_ensemble([(host, port)], 0.4, transport=Transport(admin_port=admin))
        took = time.monotonic() - start
        over.set()
    assert "timed out" in member.error
    assert took < 3


def test_the_name_of_a_host_cannot_add_to_the_request():
    with pytest.raises(AdminServerError):
        ask_admin_server("zk1\r\nX: y", 80, "monitor", deadline(0.2))
