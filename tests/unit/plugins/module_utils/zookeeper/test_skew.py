# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Differences between members: captured answers of a healthy ensemble, with one thing changed in each test."""

import pytest
from helpers import changed, down, healthy_ensemble
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING, problems
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import chosen
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.skew import (
    check_clocks,
    check_exposure,
    check_membership,
    check_skew,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.status import MemberStatus


def bad(statuses, limits=DEFAULTS):
    findings = check_skew(statuses, limits)
    return [(finding.check, finding.subject, finding.found) for finding in findings if finding.severity != OK]


def with_first(*change):
    first, *others = healthy_ensemble()
    return [changed(first, *change), *others]


def test_members_that_are_alike():
    findings = check_skew(healthy_ensemble(), DEFAULTS)
    assert {finding.severity for finding in findings} == {OK}
    assert {finding.check for finding in findings} == {"version_skew", "config_skew", "zxid_lag"}


def test_a_member_with_another_version():
    statuses = with_first("mntr", "zk_version\t3.8.0", "zk_version\t3.9.3")
    assert bad(statuses) == [("version_skew", "ensemble", "3.9.3 on zk1, 3.8.0 on zk2 zk3")]


def test_builds_of_one_version_are_alike():
    assert bad(with_first("mntr", "zk_version\t3.8.0-${mvngit.commit.id}", "zk_version\t3.8.0-5a02a05")) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("tickTime=2000", "tickTime=3000", "tickTime: 3000 on zk1, 2000 on zk2 zk3"),
        ("syncLimit=10\n", "", "syncLimit: not set on zk1, 10 on zk2 zk3"),
        ("version=0", "version=100000002", "version: 100000002 on zk1, 0 on zk2 zk3"),
    ],
)
def test_a_member_with_another_configuration(old, new, found):
    assert bad(with_first("conf", old, new)) == [("config_skew", "ensemble", found)]


@pytest.mark.parametrize(
    ("old", "new"),
    [("dataDir=/var/lib", "dataDir=/srv"), ("clientPort=2181", "clientPort=2182"), ("peerType=0", "peerType=1")],
)
def test_what_may_differ_from_host_to_host(old, new):
    assert bad(with_first("conf", old, new)) == []


def test_two_members_with_one_id():
    first, second, third = healthy_ensemble()
    second = changed(second, "conf", "serverId=2", "serverId=1")
    (finding,) = check_membership([first, second, third], None)
    assert (finding.check, finding.severity, finding.found) == ("membership", CRITICAL, "id 1 on zk1, zk2")
    assert check_membership([first, down("zk2"), third], None)[0].severity == OK


def test_members_that_do_not_serve_are_not_compared():
    assert check_skew([healthy_ensemble()[0], down("zk2"), down("zk3")], DEFAULTS) == []


@pytest.mark.parametrize(
    ("zxid", "lag"), [("0x100000013", None), ("0x1000000db", None), ("0x1000000dc", "201 transactions")]
)
def test_followers_that_lag(zxid, lag):
    first, second, leader = healthy_ensemble()
    leader = changed(leader, "srvr", "Zxid: 0x100000013", f"Zxid: {zxid}")
    assert bad([first, second, leader]) == ([("zxid_lag", host, lag) for host in ("zk1", "zk2")] if lag else [])


def test_after_an_election_epochs_are_not_compared():
    first, *others = with_first("srvr", "Zxid: 0x100000013", "Zxid: 0x0")
    assert "zxid_lag" not in {finding.check for finding in check_skew([first, *others], DEFAULTS)}


def test_a_member_that_executes_every_word():
    first, *others = healthy_ensemble()
    # The trace mask, as ZooKeeper 3.8.0 prints it when every word is allowed.
    open_member = MemberStatus("zk1", words={**first.words, "gtmk": "306"})
    assert [(finding.severity, finding.subject) for finding in check_exposure([open_member, *others])] == [
        (WARNING, "zk1")
    ]


@given(st.lists(st.dictionaries(st.sampled_from(["srvr", "mntr", "conf", "gtmk"]), st.text()), max_size=4))
def test_garbage_never_raises(texts):
    statuses = [
        MemberStatus(f"zk{number}", words={**words, "srvr": "Mode: leader\n" + words.get("srvr", "")})
        for number, words in enumerate(texts)
    ]
    check_skew(statuses, DEFAULTS)
    check_exposure(statuses)


@pytest.mark.parametrize(
    ("clocks", "limit", "expected"),
    [
        ({"zk1": (0.0, 0.1), "zk2": (0.1, 0.1), "zk3": (0.9, 0.1)}, 500, ["zk3"]),
        # The connection may explain it.
        ({"zk1": (0.0, 0.1), "zk2": (0.1, 0.3), "zk3": (0.9, 0.1)}, 500, []),
        # The control node is the one that is wrong.
        ({"zk1": (9.0, 0.1), "zk2": (9.0, 0.1), "zk3": (9.1, 0.1)}, 500, []),
        ({"zk1": (0.0, 0.1), "zk2": (0.0, 0.1), "zk3": (9.0, 0.1)}, None, []),
        ({"zk1": (9.0, 0.0)}, 500, []),
    ],
)
def test_clocks(clocks, limit, expected):
    findings = check_clocks(clocks, chosen(DEFAULTS, {"clock_skew": limit}))
    assert [finding.subject for finding in problems(findings)] == expected
