# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Limits of checks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import Limit, chosen

LIMITS = (Limit("queue_size", 20, "entries", "docs", "Look."), Limit("age", 5, "s", "docs", "Look.", CRITICAL))


@pytest.mark.parametrize(("figure", "severity"), [(0, OK), (20, OK), ("20", OK), (21, WARNING), (20.5, WARNING)])
def test_a_figure_has_a_largest_healthy_value(figure, severity):
    (finding,) = LIMITS[0].finding("ch1", figure)
    assert (finding.severity, finding.check, finding.subject) == (severity, "queue_size", "ch1")
    assert (finding.expected, bool(finding.hint)) == ("at most 20 entries", severity != OK)


@pytest.mark.parametrize("figure", [None, "", "nan", "inf", "many", [], {}])
def test_an_unknown_figure_is_not_checked(figure):
    assert LIMITS[0].finding("ch1", figure) == []


def test_limits_can_be_changed_and_switched_off():
    limits = chosen(LIMITS, {"queue_size": "100", "age": None})
    assert limits["queue_size"].finding("ch1", 100)[0].severity == OK
    assert limits["age"].finding("ch1", 100) == []
    assert chosen(LIMITS, {"age": False})["age"].finding("ch1", 100) == []
    assert chosen(LIMITS, {"age": 0})["age"].finding("ch1", 1)[0].severity == CRITICAL


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"queue_sise": 1}, "unknown check queue_sise; did you mean queue_size?"),
        ({"x": 1}, "unknown check x; known are age, queue_size"),
        ({"age": "soon"}, "age: found 'soon', expected a number"),
        ({"age": True}, "age: found True, expected a number"),
    ],
)
def test_wrong_limits(changes, text):
    with pytest.raises(ValueError, match="^" + text.replace("?", r"\?")):
        chosen(LIMITS, changes)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.binary(), st.lists(st.integers())))
def test_whatever_a_server_answers_it_is_a_finding_or_none(figure):
    assert len(LIMITS[0].finding("ch1", figure)) <= 1
