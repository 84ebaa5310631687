# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Members with the same zxid and other trees: captured answers of a healthy ensemble, with something changed."""

import re

import pytest
from helpers import changed, down, healthy_ensemble
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.status import MemberStatus
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.trees import check_trees

SAME = [(OK, "9 znodes on 3 members at zxid 0x100000013")]


def with_tree(status, znodes=9, ephemerals=0, zxid=0x100000013, between=None):
    """The member with another tree. between: the number of znodes of mntr, if it is another one than that of srvr."""
    status = changed(status, "srvr", "Zxid: 0x100000013", f"Zxid: {zxid:#x}")
    status = changed(status, "srvr", "Node count: 9", f"Node count: {znodes}")
    status = changed(status, "mntr", "zk_znode_count\t9", f"zk_znode_count\t{znodes if between is None else between}")
    return changed(status, "mntr", "zk_ephemerals_count\t0", f"zk_ephemerals_count\t{ephemerals}")


def ensemble(**trees):
    return [with_tree(status, **trees.get(status.host, {})) for status in healthy_ensemble()]


def check(statuses, again=None):
    """Severity and text of the findings, and who was asked again."""
    later = {status.host: status for status in (statuses if again is None else again)}
    asked = []

    def ask_again(group):
        asked.extend(status.host for status in group)
        return [later[status.host] for status in group]

    return [(finding.severity, finding.found) for finding in check_trees(statuses, ask_again)], asked


def test_members_with_the_same_tree_are_asked_once():
    assert check(healthy_ensemble()) == (SAME, [])


def test_a_member_with_another_number_of_znodes():
    found, asked = check(ensemble(zk2={"znodes": 8}))
    assert found == [
        (
            CRITICAL,
            "9 znodes, 0 of them ephemeral, on zk1 zk3; 8 znodes, 0 of them ephemeral, on zk2; all at zxid 0x100000013",
        )
    ]
    assert asked == ["zk1", "zk2", "zk3"]


def test_a_member_with_another_number_of_ephemeral_znodes():
    ((severity, found),), _asked = check(ensemble(zk3={"ephemerals": 2}))
    assert severity == CRITICAL and "9 znodes, 2 of them ephemeral, on zk3" in found


def test_the_finding_says_what_to_do():
    (finding,) = check_trees(ensemble(zk2={"znodes": 8}), lambda group: group)
    assert (finding.check, finding.subject) == ("tree_skew", "ensemble")
    assert "version-2" in finding.hint and "quorum" in finding.hint


@pytest.mark.parametrize(
    ("again", "found"),
    [
        # The transaction that zk2 had half done is done.
        ({"znodes": 8, "zxid": 0x100000014}, [(OK, "9 znodes on 2 members at zxid 0x100000013")]),
        # It is still being done.
        ({"znodes": 7}, [(OK, "9 znodes on 2 members at zxid 0x100000013")]),
        # The first answer was read within a transaction.
        ({"znodes": 9}, [(OK, "9 znodes on 2 members at zxid 0x100000013")]),
    ],
)
def test_a_member_that_was_not_idle_is_not_compared(again, found):
    assert check(ensemble(zk2={"znodes": 8}), ensemble(zk2=again)) == (found, ["zk1", "zk2", "zk3"])


def test_a_number_that_changed_between_the_two_answers_is_not_compared():
    found, _asked = check(ensemble(zk2={"znodes": 8, "between": 7}))
    assert found == [(OK, "9 znodes on 2 members at zxid 0x100000013")]


def test_a_busy_ensemble_is_not_compared():
    busy = ensemble(**{f"zk{number}": {"znodes": 9 + number, "zxid": 0x100000020 + number} for number in (1, 2, 3)})
    assert check(ensemble(zk2={"znodes": 8}), busy) == ([], ["zk1", "zk2", "zk3"])
    assert check(busy) == ([], [])


@pytest.mark.parametrize("again", [down("zk2"), MemberStatus("zk2", words={"srvr": "not serving"})])
def test_a_member_that_gives_no_second_answer_is_not_compared(again):
    found, _asked = check(ensemble(zk2={"znodes": 8}), [*ensemble()[::2], again])
    assert found == [(OK, "9 znodes on 2 members at zxid 0x100000013")]


def test_after_an_election_the_idle_followers_are_compared():
    """The zxid of the leader is the first one of its epoch, and followers show the last one of the epoch before."""
    found, asked = check(ensemble(zk2={"znodes": 8}, zk3={"zxid": 0x200000000}))
    assert [severity for severity, _found in found] == [CRITICAL] and asked == ["zk1", "zk2"]


def test_another_version_may_have_other_znodes():
    first, *others = ensemble(zk1={"znodes": 10})
    first = changed(first, "mntr", "zk_version\t3.8.0", "zk_version\t3.9.3")
    assert check([first, *others]) == ([(OK, "9 znodes on 2 members at zxid 0x100000013")], [])


def test_a_member_that_runs_alone_now_is_another_finding():
    first, *others = ensemble(zk1={"znodes": 8})
    assert check([changed(first, "srvr", "follower", "standalone"), *others])[1] == []


def test_members_that_do_not_allow_mntr_are_compared_by_their_znodes():
    statuses = [
        MemberStatus(status.host, words={"srvr": status.words["srvr"]}) for status in ensemble(zk2={"znodes": 8})
    ]
    assert check(statuses)[0] == [(CRITICAL, "9 znodes on zk1 zk3; 8 znodes on zk2; all at zxid 0x100000013")]


def test_one_member_is_compared_with_nobody():
    assert check([*healthy_ensemble()[:1], down("zk2"), down("zk3")]) == ([], [])


LINES = st.sampled_from(["Zookeeper version: 3.8.0-x", "Mode: leader", "Zxid: 0x1", "Zxid: -", "Node count: 9", "x"])
TEXTS = st.builds("\n".join, st.lists(st.one_of(LINES, st.text())))


@given(st.lists(st.fixed_dictionaries({"srvr": TEXTS, "mntr": TEXTS}), max_size=4), st.randoms(use_true_random=False))
def test_garbage_never_raises(texts, random):
    statuses = [MemberStatus(f"zk{number}", words=words) for number, words in enumerate(texts)]
    for finding in check_trees(statuses, lambda group: random.sample(group, len(group))):
        assert re.fullmatch(r".* at zxid 0x[0-9a-f]+", finding.found)


# --- What transactions do to the answers of one member

PAUSES = st.lists(st.integers(0, 4), min_size=5, max_size=5)


def states(changes):
    """(zxid, number of znodes) of a member: each transaction changes the tree first, and the zxid after that."""
    found = [(1, 100)]
    for change in changes:
        zxid, znodes = found[-1]
        found += [(zxid, znodes + change), (zxid + 1, znodes + change)]
    return found


def answers(history, pauses, zxid_first):
    """Three answers: srvr, mntr and srvr again. No transaction stands still from one answer to the next one."""
    moment, read = 0, []
    for index, pause in enumerate(pauses):
        next_answer = index in (2, 3)
        moment = min(moment + pause + (next_answer and moment % 2), len(history) - 1)
        read.append(history[moment])
    one, other, between, one_again, other_again = read
    if not zxid_first:
        one, other, one_again, other_again = other, one, other_again, one_again
    first = {"zxid": one[0], "znodes": other[1], "between": between[1]}
    return first, {"zxid": one_again[0], "znodes": other_again[1]}


@given(st.lists(st.sampled_from([-2, -1, 1, 2]), max_size=6), PAUSES, st.booleans())
def test_a_member_that_works_never_seems_to_differ_from_one_that_rests(changes, pauses, zxid_first):
    history = states(changes)
    first, again = answers(history, pauses, zxid_first)
    (resting,) = [{"zxid": zxid, "znodes": znodes} for zxid, znodes in history[::2] if zxid == first["zxid"]]
    found, _asked = check(ensemble(zk1=first, zk2=resting)[:2], ensemble(zk1=again, zk2=resting))
    assert CRITICAL not in [severity for severity, _text in found]
