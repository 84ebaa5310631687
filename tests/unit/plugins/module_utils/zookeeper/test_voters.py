# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Who votes. No ensemble with weights was captured: the lines are those that ZooKeeper's QuorumHierarchical prints."""

from helpers import changed, healthy_ensemble
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.status import MemberStatus
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.voters import voters_of

SERVERS = [f"server.{number}=zk{number}:2888:3888:participant" for number in range(1, 10)]


def reporting(number, lines):
    """A member of the healthy ensemble with other server lines."""
    member = healthy_ensemble()[0]
    old = member.words["conf"].partition("membership: \n")[2]
    return changed(changed(member, "conf", old, "\n".join(lines)), "conf", "serverId=1", f"serverId={number}")


def is_quorum(lines, numbers):
    statuses = [reporting(number, lines) for number in numbers]
    return voters_of(statuses).is_quorum(statuses)


def test_a_majority_of_most_groups():
    lines = [*SERVERS, "group.1=1:2:3", "group.2=4:5:6", "group.3=7:8:9"]
    # Four of nine members: two in each of two groups.
    assert is_quorum(lines, [1, 2, 4, 5])
    assert not is_quorum(lines, [1, 2, 3, 4, 7])


def test_a_group_without_weight_does_not_count():
    lines = [*SERVERS[:4], "group.1=1:2:3", "group.2=4", "weight.4=0"]
    assert is_quorum(lines, [1, 2])
    assert not is_quorum(lines, [1, 4])
    assert voters_of([reporting(1, lines)]).size == 3


def test_a_member_without_an_id_adds_no_weight():
    lines = [*SERVERS[:3], "group.1=1:2:3"]
    one, other = reporting(1, lines), reporting("x", lines)
    assert not voters_of([one, other]).is_quorum([one, other])


def test_without_server_lines_every_host_counts():
    assert voters_of([MemberStatus("zk1"), MemberStatus("zk2")]).needed == 2


LINES = st.one_of(
    st.text(),
    st.builds("{}.{}={}".format, st.sampled_from(["server", "group", "weight"]), st.integers(), st.text()),
    st.builds("{}.{}={}".format, st.sampled_from(["group", "weight"]), st.integers(0, 9), st.integers(0, 9)),
)


@given(st.lists(st.lists(LINES), max_size=3))
def test_garbage_never_raises_and_nobody_is_never_a_quorum(texts):
    statuses = [
        MemberStatus("zk1", words={"srvr": "Mode: leader", "conf": "\n".join([*SERVERS[:3], *lines])})
        for lines in texts
    ]
    voters = voters_of(statuses)
    assert not voters.is_quorum([])
    voters.is_essential(1)
