# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Is an ensemble well, judged from captured answers."""

import pytest
from helpers import away, changed, reading, whole
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING, troubles
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.judge import (
    judge,
    judge_quorum,
    judge_safe_to_stop,
    judge_serving,
    leader_of,
    stop_order,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.reading import Reading

LOST = [reading("quorum_lost", "zk1", host) for host in ("zk1", "zk2", "zk3")]
ONE_DOWN = [reading("one_down", "zk1"), reading("one_down", "zk2"), away("zk3")]


def bad(findings):
    """(check, severity, subject, found) of what is not well."""
    return [(one.check, one.severity, one.subject, one.found) for one in troubles(findings)]


def checks(findings):
    return {(one.check, one.subject): one for one in findings}


# --- The whole ensemble


def test_a_whole_ensemble_is_well():
    findings = judge(whole())
    assert bad(findings) == []
    told = checks(findings)
    assert told["serving", "zk1"].found == "follower, 3.8.0"
    assert told["quorum", "ensemble"].found == "3 of 3 members serving"
    assert told["one_leader", "ensemble"].found == "zk3"
    assert told["synced_followers", "ensemble"].found == "2"
    assert told["outstanding_requests", "zk2"].found == "0 requests"


def test_a_single_standalone_member_is_well():
    assert bad(judge([reading("alone")])) == []


def test_a_standalone_member_of_three_is_critical():
    findings = judge([reading("alone", host="zk1"), *whole()[1:]])
    assert ("serving", CRITICAL, "zk1", "standalone") in bad(findings)
    assert ("one_leader", CRITICAL, "ensemble", "zk1, zk3") in bad(findings)
    assert checks(findings)["serving", "zk1"].expected == "leader or follower"
    assert checks(findings)["quorum", "ensemble"].found == "2 of 3 members serving"


def test_a_lost_quorum():
    findings = judge(LOST)
    told = checks(findings)
    assert told["serving", "zk2"].found == "running, but serving nobody (no quorum, or still joining)"
    assert told["quorum", "ensemble"].severity == CRITICAL
    assert told["quorum", "ensemble"].found == "0 of 3 members serving"
    assert told["quorum", "ensemble"].expected == "at least 2"
    assert told["one_leader", "ensemble"].found == "none"


def test_an_unreachable_member_is_named_with_what_to_do():
    findings = judge(ONE_DOWN)
    assert [one[:3] for one in bad(findings)] == [
        ("serving", CRITICAL, "zk3"),
        ("synced_followers", CRITICAL, "ensemble"),
    ]
    dead = checks(findings)["serving", "zk3"]
    assert dead.found == "no answer: timed out"
    assert "zk3" in dead.hint and "2181" in dead.hint
    assert checks(findings)["synced_followers", "ensemble"].found == "1"


def test_two_leaders_are_critical():
    findings = judge([reading("whole", "zk3", "zk1"), *whole()[1:]])
    assert bad(findings) == [("one_leader", CRITICAL, "ensemble", "zk1, zk3")]


def test_a_follower_that_is_not_in_step_is_critical():
    behind = changed(whole()[2], "mntr", "zk_synced_followers\t2", "zk_synced_followers\t1")
    assert bad(judge([*whole()[:2], behind])) == [("synced_followers", CRITICAL, "ensemble", "1")]


def test_a_leader_that_does_not_tell_its_followers_is_critical():
    silent = changed(whole()[2], "mntr", "zk_synced_followers\t2", "")
    assert bad(judge([*whole()[:2], silent])) == [("synced_followers", CRITICAL, "ensemble", "not told")]


@pytest.mark.parametrize(
    ("old", "new", "check", "found"),
    [
        ("zk_outstanding_requests\t0", "zk_outstanding_requests\t11", "outstanding_requests", "11 requests"),
        ("zk_avg_latency\t1.0385", "zk_avg_latency\t100.5", "avg_latency", "100.5 ms"),
    ],
)
def test_a_passed_limit_is_a_warning(old, new, check, found):
    slow = changed(whole()[0], "mntr", old, new)
    assert bad(judge([slow, *whole()[1:]])) == [(check, WARNING, "zk1", found)]


def test_a_limit_that_is_met_is_well():
    busy = changed(whole()[0], "mntr", "zk_outstanding_requests\t0", "zk_outstanding_requests\t10")
    assert bad(judge([busy, *whole()[1:]])) == []


def test_an_answer_without_a_mode():
    odd = changed(whole()[0], "srvr", "Mode: follower", "Mode: dreaming")
    assert checks(judge([odd, *whole()[1:]]))["serving", "zk1"].found == "an answer without a mode"


@given(
    st.lists(
        st.builds(
            Reading,
            host=st.text(max_size=5),
            words=st.dictionaries(st.sampled_from(["srvr", "mntr", "conf"]), st.text()),
            error=st.sampled_from(["", "timed out"]),
        ),
        max_size=5,
    )
)
def test_garbage_never_raises_and_is_never_well(readings):
    assert troubles(judge(readings), CRITICAL)
    judge_safe_to_stop(readings, "zk1")
    judge_serving(readings, "zk1")
    assert sorted(stop_order(readings)) == sorted(one.host for one in readings)


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_count_that_is_not_finite_never_raises(value):
    odd = changed(whole()[2], "mntr", "zk_synced_followers\t2", f"zk_synced_followers\t{value}")
    assert bad(judge([*whole()[:2], odd])) == [("synced_followers", CRITICAL, "ensemble", "not told")]


# --- Quorum and one member


@pytest.mark.parametrize(
    ("readings", "severity"),
    [(whole(), OK), (ONE_DOWN, OK), ([whole()[2], away("zk1"), away("zk2")], CRITICAL), (LOST, CRITICAL)],
)
def test_quorum(readings, severity):
    assert judge_quorum(readings).severity == severity


def test_a_member_serves_whatever_the_others_do():
    assert bad(judge_serving(ONE_DOWN, "zk1")) == []


def test_a_member_that_is_away_does_not_serve():
    assert [one[:3] for one in bad(judge_serving(ONE_DOWN, "zk3"))] == [("serving", CRITICAL, "zk3")]


def test_a_member_that_is_not_asked_is_unknown():
    for judged in (judge_serving(whole(), "zk9"), judge_safe_to_stop(whole(), "zk9")):
        assert bad(judged) == [("member", CRITICAL, "zk9", "not one of the members asked (zk1, zk2, zk3)")]


# --- Safe to stop


def stopping(readings, host):
    (finding,) = judge_safe_to_stop(readings, host)
    assert (finding.check, finding.subject) == ("safe_to_stop", host)
    return finding.severity, finding.found


@pytest.mark.parametrize("host", ["zk1", "zk2", "zk3"])
def test_any_member_of_a_whole_ensemble_may_stop(host):
    assert stopping(whole(), host) == (OK, "2 members in step without it")


@pytest.mark.parametrize("host", ["zk1", "zk2"])
def test_no_other_member_may_stop_while_one_is_down(host):
    assert stopping(ONE_DOWN, host) == (CRITICAL, "1 members in step without it")


def test_a_member_that_is_down_may_be_stopped():
    assert stopping(ONE_DOWN, "zk3") == (OK, "it serves nobody now")


def test_a_member_without_quorum_may_be_stopped():
    assert stopping(LOST, "zk1") == (OK, "it serves nobody now")


def test_a_follower_may_not_stop_while_another_is_not_in_step():
    behind = changed(whole()[2], "mntr", "zk_synced_followers\t2", "zk_synced_followers\t1")
    assert stopping([*whole()[:2], behind], "zk1") == (CRITICAL, "1 members in step without it")


def test_a_member_of_two_may_stop_with_a_warning():
    assert stopping(ONE_DOWN[:2], "zk1") == (WARNING, "an ensemble of 2, which no member can leave")


def test_a_single_member_may_stop_with_a_warning():
    assert stopping([reading("alone")], "zk1") == (WARNING, "an ensemble of 1, which no member can leave")


# --- Who leads, and who stops last


def test_the_leader_stops_last():
    assert stop_order([whole()[2], *whole()[:2]]) == ["zk1", "zk2", "zk3"]


def test_members_that_serve_nobody_stop_first():
    assert stop_order([ONE_DOWN[1], ONE_DOWN[0], away("zk3")]) == ["zk3", "zk1", "zk2"]


def test_who_leads():
    assert leader_of(whole()) == "zk3"
    assert leader_of(LOST) is None
    assert leader_of([whole()[2], whole()[2]]) is None
