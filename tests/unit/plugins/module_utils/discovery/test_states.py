# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""States, damping, outages of the ensemble, and the answer to the balancer."""

import pytest
from helpers import rows
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.states import (
    DOWN,
    DRAINING,
    LAGGING,
    ORDER,
    READONLY,
    UP,
    Damper,
    Observation,
    Outage,
    agent_check,
    observe,
)

states = st.sampled_from(ORDER)
counts = st.integers(1, 5)


def table(name="hits", **changes):
    return {"database": "d", "table": name, "is_readonly": 0, "is_session_expired": 0, "absolute_delay": 0, **changes}


@pytest.mark.parametrize(
    ("situation", "state"), [("healthy", UP), ("no_ensemble", READONLY), ("killed", LAGGING), ("other_down", UP)]
)
def test_the_state_of_a_server_that_answers(situation, state):
    assert observe(rows(situation), max_delay=300).state == state


def test_a_server_without_replicated_tables_is_up():
    assert observe([], max_delay=300) == Observation(UP)


def test_the_reason_names_the_worst_tables():
    tables = [table("a", absolute_delay=301), table("b", is_readonly=1), table("c", is_session_expired=1)]
    assert observe(tables, max_delay=300) == Observation(READONLY, "d.b and 1 more")
    assert observe(tables[:1], max_delay=300) == Observation(LAGGING, "d.a")
    assert observe(tables[:1], max_delay=301).state == UP


def test_ignored_tables_do_not_count():
    tables = [table("old_a", is_readonly=1), table("old_b", absolute_delay=1000)]
    assert observe(tables, 300, ["d.old_*"]).state == UP
    assert observe(tables, 300, ["d.old_b"]).state == READONLY


def damped(sequence, rise=3, fall=2):
    damper = Damper(rise, fall)
    return [damper.add(state) for state in sequence]


def test_it_becomes_worse_after_fall_and_better_after_rise_observations():
    assert damped([UP, DOWN, DOWN, UP, UP, UP]) == [UP, UP, DOWN, DOWN, DOWN, UP]


def test_one_other_observation_starts_again():
    assert damped([UP, DOWN, UP, DOWN, UP, DOWN, DOWN])[-2:] == [UP, DOWN]
    assert damped([DOWN, UP, UP, DOWN, UP, UP, UP])[-2:] == [DOWN, UP]


def test_what_all_observations_say_counts():
    assert damped([UP, READONLY, DOWN])[-1] == READONLY
    assert damped([DOWN, UP, LAGGING, UP])[-1] == LAGGING
    assert damped([LAGGING, UP, DOWN, UP, DOWN])[-1] == LAGGING


@given(states, st.lists(states, max_size=40), counts, counts)
def test_a_change_needs_enough_observations_that_agree(first, sequence, rise, fall):
    damper, row, before = Damper(rise, fall), [], first
    damper.add(first)
    for state in sequence:
        after = damper.add(state)
        row.append(ORDER.index(state))
        old, new = ORDER.index(before), ORDER.index(after)
        if new > old:
            assert len(row) >= fall and min(row[-fall:]) == new
        elif new < old:
            assert len(row) >= rise and max(row[-rise:]) == new
        if after != before:
            row = []
        before = after


@given(st.lists(states, max_size=20), states, counts, counts)
def test_what_is_observed_for_long_enough_becomes_the_state(sequence, last, rise, fall):
    assert damped([*sequence, *[last] * 2 * max(rise, fall)], rise, fall)[-1] == last


@given(states, st.integers(0, 30), counts, counts)
def test_a_server_that_always_says_the_same_never_changes(state, count, rise, fall):
    assert set(damped([state] * (count + 1), rise, fall)) == {state}


def outage(*notes, hold=600.0, settle=60.0):
    """After (time, connected) pairs."""
    result = Outage(hold, settle)
    for now, connected in notes:
        result.note(connected, now)
    return result


def test_tables_do_not_count_while_the_ensemble_is_away():
    away = outage((0, True), (10, False))
    assert away.holds(READONLY, UP, 20) and away.holds(LAGGING, UP, 20)
    assert not away.holds(READONLY, UP, 610)


def test_tables_do_not_count_until_servers_have_new_sessions():
    back = outage((0, True), (10, False), (20, True), (79, True))
    assert back.holds(READONLY, UP, 79)
    back.note(True, 80)
    assert not back.holds(READONLY, UP, 80) and back.since is None


def test_an_ensemble_that_comes_and_goes_is_away_since_the_first_loss():
    away = outage((0, True), (10, False), (20, True), (30, False), (85, True))
    assert away.since == 10 and away.holds(READONLY, UP, 600) and not away.holds(READONLY, UP, 610)


def test_the_first_session_is_not_the_end_of_an_outage():
    assert outage((0, False), (1, True)).since is None
    assert outage((0, False), (1, True), (2, False), (3, True)).since == 2


def test_an_outage_hides_no_server_that_is_down_and_none_that_comes_back():
    away = outage((0, True), (10, False))
    assert not away.holds(DOWN, UP, 20)
    assert not away.holds(READONLY, DOWN, 20)
    assert not away.holds(READONLY, "", 20)
    assert not away.holds(UP, READONLY, 20)
    assert not outage((0, True)).holds(READONLY, UP, 20)


@pytest.mark.parametrize(
    ("state", "lost", "expected"),
    [(READONLY, 69, True), (LAGGING, 15, True), (READONLY, 70, False), (UP, 15, False), (DOWN, 15, False)],
)
def test_what_fell_just_before_an_outage_fell_because_of_it(state, lost, expected):
    away = outage((0, True))
    assert not away.explains(UP, 10) and not away.explains(state, 11)
    away.note(False, lost)
    assert away.explains(state, lost) == expected
    # Only once: what an operator or a crash does during the outage counts.
    away.note(False, lost + 1)
    assert not away.explains(state, lost + 1)


def test_a_replica_that_was_never_up_stays_what_it_was():
    assert not outage((0, True), (10, False)).explains(READONLY, 10)


def test_answers_to_the_balancer():
    assert agent_check(UP, 70) == "up 70%\n"
    for state in (LAGGING, READONLY, DRAINING):
        assert agent_check(state, 70, "d.hits") == "up 0%\n"
    assert agent_check(DOWN, 70, "no answer") == "down #no answer\n"


@given(st.sampled_from([*ORDER, DRAINING]), st.integers(1, 256), st.text())
def test_an_answer_is_one_short_line_of_ascii(state, weight, reason):
    line = agent_check(state, weight, reason)
    assert line.endswith("\n") and line.isascii() and len(line) < 100
    assert line[:-1].isprintable()
