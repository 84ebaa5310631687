# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of an ensemble, from captured answers."""

import pytest
from helpers import changed, down, healthy_ensemble, status, words
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING, problems
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.checks import (
    check_ensemble,
    check_member,
    check_quorum,
    check_safe_to_stop,
    leader_of,
    restart_order,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.membership import parse_servers
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.status import MemberStatus

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
    assert bad(check_ensemble([status("standalone")])) == []


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
    findings = check_ensemble(ONE_DOWN)
    assert [member[:3] for member in bad(findings)] == [
        ("serving", CRITICAL, "zk3"),
        ("synced_followers", CRITICAL, "ensemble"),
    ]
    dead = checks(findings)["serving", "zk3"]
    assert dead.found == "no answer: timed out"
    assert "zk3" in dead.hint and "2181" in dead.hint
    assert checks(findings)["synced_followers", "ensemble"].found == "1"


def test_two_leaders_are_critical():
    findings = check_ensemble([status("healthy", "zk3", "zk1"), *healthy_ensemble()[1:]])
    assert bad(findings) == [("one_leader", CRITICAL, "ensemble", "zk1, zk3")]


def test_a_follower_that_is_not_in_step_is_critical():
    behind = changed(healthy_ensemble()[2], "mntr", "zk_synced_followers\t2", "zk_synced_followers\t1")
    assert bad(check_ensemble([*healthy_ensemble()[:2], behind])) == [("synced_followers", CRITICAL, "ensemble", "1")]


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
    assert stopping(ONE_DOWN[:2], "zk1") == (WARNING, "an ensemble of 2, which loses its quorum without any one member")


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
