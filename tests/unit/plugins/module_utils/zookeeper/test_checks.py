# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of an ensemble, from captured answers."""

import pytest
from helpers import CAPTURED, changed, down, healthy_ensemble, status, words
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.diagnosis import UnitStatus, explain
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING, Finding, problems
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import chosen
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.causes import CAUSES
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.checks import (
    check_ensemble,
    check_member,
    check_quorum,
    check_safe_to_stop,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.local import check_local
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.membership import parse_servers
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.roles import leader_of, restart_order
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.status import MemberStatus
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.window import check_window

LOST = [status("quorum_lost", "zk1", host) for host in ("zk1", "zk2", "zk3")]
ONE_DOWN = [status("one_down", "zk1"), status("one_down", "zk2"), down("zk3")]


def bad(findings):
    """(check, severity, subject, found) of what is not healthy."""
    return [(member.check, member.severity, member.subject, member.found) for member in problems(findings)]


def checks(findings):
    return {(member.check, member.subject): member for member in findings}


# --- check_ensemble


def test_a_healthy_ensemble_is_healthy():
    findings = check_ensemble(healthy_ensemble())
    assert bad(findings) == []
    result = checks(findings)
    assert result["serving", "zk1"].found == "follower, 3.8.0"
    assert result["quorum", "ensemble"].found == "3 of 3 members serving"
    assert result["one_leader", "ensemble"].found == "zk3"
    assert result["synced_followers", "ensemble"].found == "2"
    assert result["outstanding_requests", "zk2"].found == "0 requests"


def test_a_single_standalone_member_is_healthy():
    assert problems(check_ensemble([status("standalone")]), CRITICAL) == []


def ensemble_of(lines):
    """The healthy ensemble, whose members report other server lines, groups or weights."""
    old = words("healthy")["conf"].partition("membership: \n")[2]
    return [changed(member, "conf", old, "\n".join(lines)) for member in healthy_ensemble()]


def server(number, role="participant"):
    return f"server.{number}=zk{number}:2888:3888:{role}"


@pytest.mark.parametrize(
    ("number", "severity", "expected"),
    [
        (2, WARNING, "at least 3 voters"),
        (3, OK, "at least 3 voters"),
        (4, WARNING, "an odd number"),
        (5, OK, "at least 3 voters"),
    ],
)
def test_the_size_of_an_ensemble(number, severity, expected):
    findings = check_ensemble(ensemble_of(map(server, range(1, number + 1)))[-number:])
    size = checks(findings)["size", "ensemble"]
    assert (size.severity, size.expected) == (severity, expected)


def test_the_size_of_a_single_member():
    assert checks(check_ensemble([status("standalone")]))["size", "ensemble"].severity == WARNING


# --- Observers and weights. No such ensemble was captured: these are the answers of the healthy one, with its server
# lines and modes changed; conf prints group and weight lines below them.

WITH_OBSERVER = [server(1), server(2), server(3), server(4, "observer")]
HEAVY = [server(1), server(2), server(3), "group.1=1:2:3", "weight.1=1", "weight.2=1", "weight.3=3"]


def observer(lines, host="zk4"):
    first = ensemble_of(lines)[0]
    text = {**first.words, "conf": first.words["conf"].replace("serverId=1", "serverId=4")}
    text["srvr"] = text["srvr"].replace("Mode: follower", "Mode: observer")
    text["mntr"] = text["mntr"].replace("following - broadcast", "observing - broadcast")
    return MemberStatus(host, words=text)


def test_an_observer_does_not_count_for_the_quorum():
    statuses = [*ensemble_of(WITH_OBSERVER), observer(WITH_OBSERVER)]
    findings = check_ensemble(statuses)
    assert bad(findings) == []
    result = checks(findings)
    assert result["quorum", "ensemble"].found == "3 of 3 members serving"
    assert result["synced_followers", "ensemble"].expected == "2"
    assert result["serving", "zk4"].found == "observer, 3.8.0"
    # Two voters are down: the observer does not replace one of them.
    assert check_quorum([down("zk1"), down("zk2"), *statuses[2:]]).severity == CRITICAL


def test_an_observer_that_is_down_does_not_keep_a_voter_from_stopping():
    statuses = [*ensemble_of(WITH_OBSERVER), down("zk4")]
    assert check_quorum(statuses).severity == OK
    assert stopping(statuses, "zk1") == (OK, "2 members in sync without it")
    assert ("serving", CRITICAL, "zk4", "no answer: timed out") in bad(check_ensemble(statuses))


def test_an_observer_may_always_stop():
    statuses = [down("zk1"), *ensemble_of(WITH_OBSERVER)[1:], observer(WITH_OBSERVER)]
    assert stopping(statuses, "zk4") == (OK, "an observer, which does not count for the quorum")
    assert stopping(statuses, "zk2")[0] == CRITICAL
    assert restart_order(statuses) == ["zk1", "zk4", "zk2", "zk3"]


def test_a_follower_that_has_not_joined_yet_does_not_count():
    one, two, leader = ensemble_of([server(2), server(3), server(4)])
    # zk1 is not a voter; all four hosts count, because nobody can say what zk2 and zk4 know.
    assert check_quorum([one, down("zk2"), leader, down("zk4")]).found == "1 of 4 members serving"
    leader = changed(leader, "mntr", "zk_synced_non_voting_followers\t0", "zk_synced_non_voting_followers\t1")
    synced = checks(check_ensemble([one, two, leader, down("zk4")]))["synced_followers", "ensemble"]
    assert (synced.found, synced.expected) == ("1", "2")


def test_a_member_with_most_of_the_weight():
    statuses = ensemble_of(HEAVY)
    assert check_quorum([down("zk1"), down("zk2"), statuses[2]]).severity == OK
    assert check_quorum([*statuses[:2], down("zk3")]).severity == CRITICAL
    assert stopping(statuses, "zk3") == (
        WARNING,
        "a member with so much weight that the ensemble loses its quorum without it",
    )
    assert stopping(statuses, "zk1")[0] == OK
    (finding,) = problems(check_ensemble(statuses))
    assert (finding.check, finding.severity) == ("safe_to_stop", WARNING)
    assert "single point of failure" in finding.hint


def test_equal_weights_are_no_different_from_none():
    equal = ensemble_of([server(1), server(2), server(3), "group.1=1:2:3"])
    assert bad(check_ensemble(equal)) == []
    assert stopping(equal, "zk3") == (OK, "2 members in sync without it")
    assert stopping([equal[0], down("zk2"), equal[2]], "zk1")[0] == CRITICAL


def test_with_weights_a_member_may_not_stop_while_anyone_is_not_in_sync():
    *others, leader = ensemble_of(HEAVY)
    behind = changed(leader, "mntr", "zk_synced_followers\t2", "zk_synced_followers\t1")
    assert stopping([*others, behind], "zk1")[0] == CRITICAL


def test_a_part_of_the_ensemble_that_runs_by_itself_does_not_pass_for_the_whole():
    alone = ensemble_of([server(3)])[2]
    assert check_quorum([down("zk1"), down("zk2"), alone]).found == "1 of 3 members serving"
    assert check_quorum([down("zk1"), down("zk2"), alone]).severity == CRITICAL
    # Not even when members do not agree.
    first, second, _leader = healthy_ensemble()
    assert check_quorum([first, second, alone, down("zk4"), down("zk5"), down("zk6")]).severity == CRITICAL


def test_the_leader_may_not_stop_while_its_followers_are_not_in_sync():
    behind = changed(healthy_ensemble()[2], "mntr", "zk_synced_followers\t2", "zk_synced_followers\t1")
    assert stopping([*healthy_ensemble()[:2], behind], "zk3") == (CRITICAL, "1 members in sync without it")


def test_a_standalone_member_of_three_is_critical():
    findings = check_ensemble([status("standalone", host="zk1"), *healthy_ensemble()[1:]])
    assert ("serving", CRITICAL, "zk1", "standalone") in bad(findings)
    assert ("one_leader", CRITICAL, "ensemble", "zk1, zk3") in bad(findings)
    assert checks(findings)["serving", "zk1"].expected == "leader or follower"
    assert checks(findings)["quorum", "ensemble"].found == "2 of 3 members serving"


def test_a_lost_quorum():
    findings = check_ensemble(LOST)
    result = checks(findings)
    assert result["serving", "zk2"].found == "running, but not serving (no quorum, or still joining)"
    assert result["quorum", "ensemble"].severity == CRITICAL
    assert result["quorum", "ensemble"].found == "0 of 3 members serving"
    assert result["quorum", "ensemble"].expected == "at least 2"
    assert result["one_leader", "ensemble"].found == "none"


def test_an_unreachable_member_is_named_with_what_to_do():
    findings = check_ensemble(ONE_DOWN, limits=chosen(DEFAULTS, {"recent_restart": False}))
    assert [member[:3] for member in bad(findings)] == [
        ("serving", CRITICAL, "zk3"),
        ("synced_followers", CRITICAL, "ensemble"),
        ("safe_to_stop", WARNING, "ensemble"),
    ]
    assert checks(findings)["safe_to_stop", "ensemble"].found == "1 members in sync without any one of them"
    dead = checks(findings)["serving", "zk3"]
    assert dead.found == "no answer: timed out"
    assert "zk3" in dead.hint and "2181" in dead.hint
    assert checks(findings)["synced_followers", "ensemble"].found == "1"


def test_two_leaders_are_critical():
    other = MemberStatus("zk1", words=healthy_ensemble()[2].words)
    other = changed(other, "conf", "serverId=3", "serverId=1")
    findings = check_ensemble([other, *healthy_ensemble()[1:]])
    assert bad(findings) == [("one_leader", CRITICAL, "ensemble", "zk1, zk3")]


def test_a_follower_that_is_not_in_step_is_critical():
    behind = changed(healthy_ensemble()[2], "mntr", "zk_synced_followers\t2", "zk_synced_followers\t1")
    assert bad(check_ensemble([*healthy_ensemble()[:2], behind])) == [
        ("synced_followers", CRITICAL, "ensemble", "1"),
        ("safe_to_stop", WARNING, "ensemble", "1 members in sync without any one of them"),
    ]


def test_a_leader_that_does_not_report_its_followers_is_critical():
    silent = changed(healthy_ensemble()[2], "mntr", "zk_synced_followers\t2", "")
    assert bad(check_ensemble([*healthy_ensemble()[:2], silent])) == [
        ("synced_followers", CRITICAL, "ensemble", "no value")
    ]


@pytest.mark.parametrize(
    ("old", "new", "check", "found"),
    [
        ("zk_outstanding_requests\t0", "zk_outstanding_requests\t11", "outstanding_requests", "11 requests"),
        ("zk_avg_latency\t1.0385", "zk_avg_latency\t100.5", "avg_latency", "100.5 ms"),
    ],
)
def test_an_exceeded_limit_is_a_warning(old, new, check, found):
    slow = changed(healthy_ensemble()[0], "mntr", old, new)
    assert bad(check_ensemble([slow, *healthy_ensemble()[1:]])) == [(check, WARNING, "zk1", found)]


def test_a_limit_that_is_met_is_healthy():
    busy = changed(healthy_ensemble()[0], "mntr", "zk_outstanding_requests\t0", "zk_outstanding_requests\t10")
    assert bad(check_ensemble([busy, *healthy_ensemble()[1:]])) == []


def test_an_answer_without_a_mode():
    odd = changed(healthy_ensemble()[0], "srvr", "Mode: follower", "Mode: dreaming")
    assert checks(check_ensemble([odd, *healthy_ensemble()[1:]]))["serving", "zk1"].found == "an answer without a mode"


@given(
    st.lists(
        st.builds(
            MemberStatus,
            host=st.text(max_size=5),
            words=st.dictionaries(st.sampled_from(["srvr", "mntr", "conf"]), st.text()),
            error=st.sampled_from(["", "timed out"]),
        ),
        max_size=5,
    )
)
def test_garbage_never_raises_and_is_never_healthy(statuses):
    assert problems(check_ensemble(statuses), CRITICAL)
    check_safe_to_stop(statuses, "zk1")
    check_member(statuses, "zk1")
    assert sorted(restart_order(statuses)) == sorted(member.host for member in statuses)


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_count_that_is_not_finite_never_raises(value):
    odd = changed(healthy_ensemble()[2], "mntr", "zk_synced_followers\t2", f"zk_synced_followers\t{value}")
    assert bad(check_ensemble([*healthy_ensemble()[:2], odd])) == [
        ("synced_followers", CRITICAL, "ensemble", "no value")
    ]


def test_a_member_that_is_still_joining():
    joining = changed(healthy_ensemble()[0], "mntr", "following - broadcast", "following - synchronization")
    findings = check_ensemble([joining, *healthy_ensemble()[1:]])
    assert bad(findings) == [("zab_phase", WARNING, "zk1", "following - synchronization")]


def test_a_disabled_check_has_no_findings():
    findings = check_ensemble(ONE_DOWN, limits=chosen(DEFAULTS, {"serving": False, "synced_followers": None}))
    assert {"serving", "synced_followers"} & {finding.check for finding in findings} == set()
    assert {"quorum", "one_leader"} <= {finding.check for finding in findings}


# --- Quorum and one member


@pytest.mark.parametrize(
    ("statuses", "severity"),
    [
        (healthy_ensemble(), OK),
        (ONE_DOWN, OK),
        ([healthy_ensemble()[2], down("zk1"), down("zk2")], CRITICAL),
        (LOST, CRITICAL),
    ],
)
def test_quorum(statuses, severity):
    assert check_quorum(statuses).severity == severity


def test_a_member_serves_whatever_the_others_do():
    assert bad(check_member(ONE_DOWN, "zk1")) == []


def test_a_member_that_is_away_does_not_serve():
    assert [member[:3] for member in bad(check_member(ONE_DOWN, "zk3"))] == [("serving", CRITICAL, "zk3")]


def test_a_host_that_is_not_listed_is_unknown():
    for findings in (check_member(healthy_ensemble(), "zk9"), check_safe_to_stop(healthy_ensemble(), "zk9")):
        assert bad(findings) == [("member", CRITICAL, "zk9", "not one of the hosts (zk1, zk2, zk3)")]


# --- Safe to stop


def stopping(statuses, host):
    (finding,) = check_safe_to_stop(statuses, host)
    assert (finding.check, finding.subject) == ("safe_to_stop", host)
    return finding.severity, finding.found


@pytest.mark.parametrize("host", ["zk1", "zk2", "zk3"])
def test_any_member_of_a_healthy_ensemble_may_stop(host):
    assert stopping(healthy_ensemble(), host) == (OK, "2 members in sync without it")


@pytest.mark.parametrize("host", ["zk1", "zk2"])
def test_no_other_member_may_stop_while_one_is_down(host):
    assert stopping(ONE_DOWN, host) == (CRITICAL, "1 members in sync without it")


def test_a_member_that_is_down_may_be_stopped():
    assert stopping(ONE_DOWN, "zk3") == (OK, "2 members in sync without it")


def test_a_member_without_quorum_may_be_stopped():
    assert stopping(LOST, "zk1") == (OK, "not serving now")


def test_a_follower_may_not_stop_while_another_is_not_in_step():
    behind = changed(healthy_ensemble()[2], "mntr", "zk_synced_followers\t2", "zk_synced_followers\t1")
    assert stopping([*healthy_ensemble()[:2], behind], "zk1") == (CRITICAL, "1 members in sync without it")


def test_a_member_of_two_may_stop_with_a_warning():
    two = [changed(member, "conf", "server.3=127.0.0.1:2803:3803:participant\n", "") for member in ONE_DOWN[:2]]
    assert stopping(two, "zk1") == (WARNING, "an ensemble of 2, which loses its quorum without any one member")


def test_a_single_member_may_stop_with_a_warning():
    assert stopping([status("standalone")], "zk1") == (
        WARNING,
        "an ensemble of 1, which loses its quorum without any one member",
    )


# --- Who leads, and who stops last


def test_the_leader_stops_last():
    assert restart_order([healthy_ensemble()[2], *healthy_ensemble()[:2]]) == ["zk1", "zk2", "zk3"]


def test_members_that_are_not_serving_restart_first():
    assert restart_order([ONE_DOWN[1], ONE_DOWN[0], down("zk3")]) == ["zk3", "zk1", "zk2"]


def test_who_leads():
    assert leader_of(healthy_ensemble()) == "zk3"
    assert leader_of(LOST) is None
    assert leader_of([healthy_ensemble()[2], healthy_ensemble()[2]]) is None


# --- Membership, and members that do not answer


def test_members_that_know_the_ensemble_of_the_inventory():
    findings = check_ensemble(healthy_ensemble(), parse_servers(words("healthy")["conf"]))
    assert bad(findings) == []
    assert checks(findings)["membership", "ensemble"].found == "the same on 3 members"


def test_an_ensemble_with_other_members_than_the_inventory():
    findings = check_ensemble(healthy_ensemble(), parse_servers("server.1=zk1:2888:3888"))
    assert [finding[:3] for finding in bad(findings)] == [("membership", CRITICAL, "ensemble")]


def test_members_that_know_different_ensembles():
    other = changed(healthy_ensemble()[0], "conf", "server.3=zk3:2888:3888", "server.4=zk4:2888:3888")
    findings = check_ensemble([other, *healthy_ensemble()[1:]])
    assert [finding[:3] for finding in bad(findings)] == [("membership", CRITICAL, "ensemble")]
    assert "on zk1; " in bad(findings)[0][3] and "on zk2, zk3" in bad(findings)[0][3]


def test_no_answer_is_no_proof_that_a_member_may_stop():
    only_two = [status("one_down", "zk1"), status("one_down", "zk2"), down("zk3")]
    severity, _found = stopping([down("zk1"), *only_two[1:]], "zk1")
    assert severity == CRITICAL
    assert stopping([*healthy_ensemble()[1:], down("zk1")], "zk1")[0] == OK


def test_a_member_that_does_not_run_may_be_started_without_quorum():
    stopped = MemberStatus("zk1", error="connection refused", refused=True)
    assert stopping([stopped, down("zk2"), down("zk3")], "zk1") == (OK, "not serving now")


# --- Situations of real ensembles of three members, captured; only names of directories are others

# They were captured a few seconds after their start.
YOUNG = chosen(DEFAULTS, {"recent_restart": False})


def captured(situation, *unanswered):
    """The statuses of three members; those that did not answer only timed out."""
    names = [f"zk{number}" for number in (1, 2, 3)]
    return [down(name) if name in unanswered else status(situation, name) for name in names]


def found_in(situation, *unanswered):
    findings = check_ensemble(captured(situation, *unanswered), None, YOUNG)
    return {(check, severity, subject) for check, severity, subject, _found in bad(findings)}


def test_a_frozen_leader():
    """Stopped by SIGSTOP: its port takes connections and answers nothing. The others have elected another one."""
    assert found_in("frozen", "zk3") == {
        ("serving", CRITICAL, "zk3"),
        ("synced_followers", CRITICAL, "ensemble"),
        ("safe_to_stop", WARNING, "ensemble"),
    }


def test_a_member_that_is_cut_off_from_the_others():
    """Its clients reach it, but no packet comes from the other members or goes to them."""
    assert found_in("cut_off") == {
        ("serving", CRITICAL, "zk1"),
        ("synced_followers", CRITICAL, "ensemble"),
        ("safe_to_stop", WARNING, "ensemble"),
    }
    (serving,) = [finding for finding in check_member(captured("cut_off"), "zk1") if finding.check == "serving"]
    assert serving.severity == CRITICAL
    assert all(finding.severity == OK for finding in check_member(captured("cut_off"), "zk2"))


def test_a_member_with_another_configuration_than_the_others():
    assert found_in("config_skew") == {("config_skew", WARNING, "ensemble")}
    findings = check_ensemble(captured("config_skew"), None, YOUNG)
    (skew,) = [finding for finding in findings if finding.check == "config_skew"]
    assert skew.found == (
        "maxClientCnxns: 60 on zk1 zk3, 10 on zk2; maxSessionTimeout: 40000 on zk1 zk3, 60000000 on zk2"
    )


def test_a_member_whose_disk_is_full():
    """It cannot write its log, and still says that it follows. Only its host and its log know."""
    assert found_in("disk_full") == set()
    member = captured("disk_full")[1]
    assert member.mode == "follower"
    figures = {"disk_used": 100.0, "disk_reserve": 0.0, "disk_full": 0.0}
    found = bad(check_local("zk2", figures, member, YOUNG))
    assert found[0][:2] == ("disk_full", CRITICAL)
    lines = (CAPTURED / "zookeeper" / "disk_full" / "zk2.log").read_text().splitlines()
    unit = explain(Finding("unit", CRITICAL, "zk2", "down", "up"), UnitStatus("zookeeper.service", lines=lines), CAUSES)
    assert unit.found == "down; a disk is full: No space left on device" and unit.hint


def test_a_member_with_the_id_of_another_one():
    """zk2 has the id of zk1: it cannot listen on the address of zk1 and has ended. The others do not see why."""
    statuses = [status("duplicate_id", "zk1"), MemberStatus("zk2", error="connection refused", refused=True)]
    statuses.append(status("duplicate_id", "zk3"))
    assert {
        (check, severity, subject) for check, severity, subject, _found in bad(check_ensemble(statuses, None, YOUNG))
    } == {
        ("serving", CRITICAL, "zk2"),
        ("synced_followers", CRITICAL, "ensemble"),
        ("safe_to_stop", WARNING, "ensemble"),
    }
    lines = (CAPTURED / "zookeeper" / "duplicate_id" / "zk2.log").read_text().splitlines()
    unit = explain(Finding("unit", CRITICAL, "zk2", "down", "up"), UnitStatus("zookeeper.service", lines=lines), CAUSES)
    assert unit.found == "down; its host does not have an address that it should listen on"
    assert unit.hint.startswith("Correct myid and zoo.cfg")


def test_a_member_of_another_version():
    assert found_in("version_skew") == {("version_skew", WARNING, "ensemble")}
    findings = check_ensemble(captured("version_skew"), None, YOUNG)
    (skew,) = [finding for finding in findings if finding.check == "version_skew"]
    assert skew.found == "3.8.0 on zk1 zk3, 3.9.3 on zk2"


def test_a_member_whose_disk_is_slow():
    """It may write ten times in a second, while a client writes all the time. It took 10 s to ask again."""
    names = [f"zk{number}" for number in (1, 2, 3)]
    before = [status("slow_fsync", f"{name}.before", name) for name in names]
    after = captured("slow_fsync")
    # 9917 ms of syncs.
    found = bad(check_window(before, after, 10.0, YOUNG))
    assert found == [("fsync_time", WARNING, "zk2", "991.7 ms per s")]
    assert found_in("slow_fsync") == set()
