# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks with limits, and their changes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import (
    Check,
    as_text,
    by_name,
    check_limit,
    chosen,
)

CHECKS = by_name(
    (
        Check("queue_size", WARNING, "docs", 20, "entries", hint="Look at {host}."),
        Check("age", CRITICAL, "docs", 5, hint="Look."),
        Check("voters", WARNING, "docs", 3, "voters", least=True),
        Check("serving", CRITICAL, "docs"),
    )
)


@pytest.mark.parametrize(("figure", "severity"), [(0, OK), (20, OK), ("20", OK), (21, WARNING), (20.5, WARNING)])
def test_a_figure_has_a_largest_healthy_value(figure, severity):
    (finding,) = check_limit(CHECKS, "queue_size", "ch1", figure)
    assert (finding.severity, finding.check, finding.subject) == (severity, "queue_size", "ch1")
    assert (finding.found, finding.expected) == (f"{figure} entries", "at most 20 entries")
    assert finding.hint == ("" if severity == OK else "Look at ch1. (Source of the limit: docs.)")


@pytest.mark.parametrize(("figure", "severity"), [(3, OK), (4, OK), (2, WARNING)])
def test_a_figure_has_a_smallest_healthy_value(figure, severity):
    (finding,) = check_limit(CHECKS, "voters", "ensemble", figure, "Add one.")
    assert (finding.severity, finding.expected) == (severity, "at least 3 voters")
    assert finding.hint == ("" if severity == OK else "Add one. (Source of the limit: docs.)")


def test_what_was_found_may_be_said_in_other_words():
    assert CHECKS["age"].finding("ch1", 7, found="not known yet").found == "not known yet"
    assert CHECKS["age"].finding("ch1", 7).found == "7"


def test_a_command_is_the_end_of_the_hint():
    assert CHECKS["age"].finding("ch1", 7, command="rm x").hint == "Look. (Source of the limit: docs.) rm x"
    assert CHECKS["age"].finding("ch1", 5, command="rm x").hint == ""


@pytest.mark.parametrize("figure", [None, "", "nan", "inf", "many", True, [], {}])
def test_an_unknown_figure_is_not_checked(figure):
    assert check_limit(CHECKS, "queue_size", "ch1", figure) == []


@pytest.mark.parametrize("value", [5, "5", 5.0])
def test_a_limit_can_be_changed(value):
    limits = chosen(CHECKS, {"queue_size": value})
    assert limits["queue_size"].limit == 5
    assert {**limits, "queue_size": CHECKS["queue_size"]} == CHECKS


@pytest.mark.parametrize("value", [False, None, "", "false", "None", " null "])
def test_a_check_can_be_disabled(value):
    limits = chosen(CHECKS, {"age": value, "serving": value})
    assert set(limits) == {"queue_size", "voters"}
    assert check_limit(limits, "age", "ch1", 100) == []


def test_zero_is_a_limit():
    assert check_limit(chosen(CHECKS, {"age": 0}), "age", "ch1", 1)[0].severity == CRITICAL


@pytest.mark.parametrize("changes", [None, {}])
def test_without_changes_the_limits_are_the_defaults(changes):
    assert chosen(CHECKS, changes) == CHECKS


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"queue_sise": 1}, "limits: unknown check queue_sise; did you mean queue_size?"),
        ({"x": 1}, "limits: unknown check x; known are age, queue_size, serving, voters"),
        ({5: 1}, "limits: unknown check 5; known are age, queue_size, serving, voters"),
        ({"queue_size": "many"}, "limits: queue_size: found 'many', expected a number (entries), or false to disable"),
        ({"age": "soon"}, "limits: age: found 'soon', expected a number, or false to disable the check"),
        ({"age": True}, "limits: age: found True, expected a number"),
        ({"age": -1}, "limits: age: found -1, expected a number"),
        ({"age": "nan"}, "limits: age: found 'nan', expected a number"),
        ({"serving": 1}, "limits: serving: found 1; this check has no limit, it can only be disabled with false"),
    ],
)
def test_wrong_limits(changes, text):
    with pytest.raises(ValueError, match="^" + re.escape(text)):
        chosen(CHECKS, changes)


@pytest.mark.parametrize(
    ("value", "text"), [(1e6, "1000000"), (0.5, "0.5"), (100.0, "100"), (1.2345, "1.23"), (0, "0")]
)
def test_a_number_as_people_write_it(value, text):
    assert as_text(value) == text


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.binary(), st.lists(st.integers())))
def test_whatever_a_server_answers_it_is_a_finding_or_none(figure):
    assert len(check_limit(CHECKS, "queue_size", "ch1", figure)) <= 1
