# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether an ensemble may be bootstrapped, from the data directories of its members."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.bootstrap import check_bootstrap
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.disk import holds_data

IDS = {"zk1": 1, "zk2": 2, "zk3": 3}
DATA = ["acceptedEpoch", "currentEpoch", "log.100000001", "snapshot.0"]


def disk(files=(), myid=None, bootstrapped=False, mode=""):
    deployed = {"mode": mode} if mode else None
    return {"files": list(files), "myid": myid, "bootstrapped": bootstrapped, "deployed": deployed}


def full(myid):
    return disk(DATA, myid, True)


def findings(member, two, three, force=False):
    allowed, findings = check_bootstrap({"zk1": member, "zk2": two, "zk3": three}, IDS, force)
    assert all(finding.severity == "critical" and finding.hint for finding in findings)
    return allowed, [(finding.check, finding.subject) for finding in findings]


@pytest.mark.parametrize(
    ("files", "holds"),
    [
        ([], False),
        (["acceptedEpoch", "currentEpoch"], False),
        (["snapshot.0"], False),
        (["snapshot.100000000"], False),
        (["snapshot.200000000"], True),
        (["snapshot.100000013"], True),
        (["log.1"], True),
    ],
)
def test_what_counts_as_data(files, holds):
    assert holds_data(files) is holds


def test_a_new_ensemble_may_start_empty():
    assert findings(disk(), disk(), disk()) == (True, [])


def test_epoch_files_of_a_start_without_the_marker_are_no_data():
    assert findings(disk(["acceptedEpoch", "snapshot.0"], 1), disk(), disk()) == (True, [])


def test_an_ensemble_with_data_starts_from_it():
    assert findings(full(1), full(2), full(3)) == (False, [])


def test_an_empty_minority_copies_from_the_others():
    assert findings(full(1), full(2), disk(bootstrapped=True)) == (False, [])


def test_an_empty_majority_is_invalid():
    assert findings(full(1), disk(bootstrapped=True), disk()) == (False, [("zookeeper_data_dir", "zk2, zk3")])


def test_an_empty_majority_is_invalid_even_when_confirmed():
    assert findings(full(1), disk(), disk(), force=True) == (False, [("zookeeper_data_dir", "zk2, zk3")])


def test_an_ensemble_that_has_run_and_lost_all_is_invalid():
    wiped = disk(bootstrapped=True)
    assert findings(wiped, wiped, disk()) == (False, [("zookeeper_data_dir", "zk1, zk2")])


def test_an_ensemble_that_has_lost_all_starts_empty_when_confirmed():
    wiped = disk(bootstrapped=True)
    assert findings(wiped, wiped, wiped, force=True) == (True, [])


def test_a_member_that_was_not_read_may_hold_the_data():
    assert findings(full(1), None, disk()) == (False, [])
    assert findings(disk(), None, None) == (False, [])


def test_two_of_three_empty_and_one_not_read_is_invalid():
    allowed, findings = check_bootstrap({"zk1": disk(), "zk2": disk(), "zk3": None}, IDS, False)
    assert not allowed
    assert [(member.check, member.subject, member.expected) for member in findings] == [
        ("--limit", "zk1, zk2", "all members of the ensemble in the run")
    ]
    assert "zk3" in findings[0].found


def test_an_id_that_does_not_fit_its_data_is_invalid():
    allowed, findings = check_bootstrap({"zk1": full(1), "zk2": full(7), "zk3": full(3)}, IDS, False)
    assert not allowed
    assert [(member.check, member.subject, member.expected) for member in findings] == [("zookeeper_id", "zk2", "7")]


def test_an_id_without_data_may_change():
    assert findings(disk(myid=9), disk(), disk()) == (True, [])


def test_no_member_is_no_ensemble():
    assert check_bootstrap({}, {}, False) == (False, [])


def test_a_member_whose_reading_failed_counts_as_not_read():
    assert findings({"failed": True, "msg": "no space left"}, full(2), full(3)) == (False, [])


@pytest.mark.parametrize("mode", ["leader", "follower", "observer"])
def test_what_a_running_ensemble_serves_counts_before_its_files(mode):
    assert findings(disk(bootstrapped=True, mode=mode), disk(bootstrapped=True), disk()) == (False, [])


def test_a_standalone_member_is_no_running_ensemble():
    assert findings(disk(mode="standalone"), disk(), disk()) == (True, [])
