# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Findings, and their views."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import (
    CRITICAL,
    OK,
    WARNING,
    Finding,
    from_dicts,
    message,
    problems,
    some,
    table,
)

HEALTHY = Finding("serving", OK, "zk1", "follower, 3.8.0", "leader or follower")
FINE = Finding("avg_latency", OK, "zk1", "1 ms", "at most 100 ms")
SLOW = Finding("avg_latency", WARNING, "zk2", "200 ms", "at most 100 ms", "Look at the disk.")
DEAD = Finding("serving", CRITICAL, "zk3", "no answer: timed out", "leader or follower", "Start it.")
GONE = Finding("serving", CRITICAL, "zk4", "no answer: refused", "leader or follower", "Start it.")


def test_a_severity_is_one_of_three():
    with pytest.raises(ValueError, match="'bad' is none of ok, warning, critical"):
        Finding("check", "bad", "zk1", "a", "b")


def test_a_sentence_names_subject_check_found_expected_and_hint():
    assert DEAD.sentence() == "zk3: serving: found no answer: timed out, expected leader or follower. Start it."
    assert HEALTHY.sentence() == "zk1: serving: found follower, 3.8.0, expected leader or follower."


def test_findings_survive_the_way_through_a_module():
    findings = [HEALTHY, SLOW, DEAD]
    assert from_dicts([finding.as_dict() for finding in findings]) == findings


def test_values_come_back_as_text():
    result = from_dicts([{**HEALTHY.as_dict(), "found": 3}])
    assert result[0].found == "3"


def test_some_names_and_how_many_more():
    assert [some([]), some(["a", "b", "c"]), some(["a", "b", "c", "d", "e"])] == ["", "a, b, c", "a, b, c and 2 more"]


def test_troubles_come_worst_first_and_otherwise_in_order():
    assert problems([SLOW, GONE, HEALTHY, DEAD]) == [GONE, DEAD, SLOW]
    assert problems([SLOW, GONE, HEALTHY, DEAD], CRITICAL) == [GONE, DEAD]
    assert problems([SLOW, HEALTHY], OK) == [SLOW, HEALTHY]


def test_a_message_has_a_line_for_each_trouble():
    assert message([HEALTHY, SLOW, DEAD], "Not healthy:").splitlines() == [
        "Not healthy:",
        f"- {DEAD.sentence()}",
        f"- {SLOW.sentence()}",
    ]
    assert message([HEALTHY], "Healthy.") == "Healthy."


def test_a_table_has_troubles_on_top_a_line_for_each_other_subject_and_each_hint_once():
    assert table([HEALTHY, FINE, SLOW, DEAD, GONE]) == [
        "STATE     SUBJECT  CHECK        FOUND                 EXPECTED",
        "critical  zk3      serving      no answer: timed out  leader or follower",
        "critical  zk4      serving      no answer: refused    leader or follower",
        "warning   zk2      avg_latency  200 ms                at most 100 ms",
        "ok        zk1      2 checks     follower, 3.8.0",
        "-> Start it.",
        "-> Look at the disk.",
    ]


def test_a_subject_with_a_problem_has_no_ok_line():
    lines = table([Finding("serving", OK, "zk2", "follower", "leader or follower"), SLOW])
    assert [line.split()[0] for line in lines] == ["STATE", "warning", "->"]


def test_a_table_of_nothing_is_its_header():
    assert table([]) == ["STATE  SUBJECT  CHECK  FOUND  EXPECTED"]
