# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for findings."""

from ansible_collections.zoohouse.cluster.plugins.filter.findings import (
    ENSEMBLE,
    REPLICA,
    findings_message,
    findings_table,
    health_findings,
)

OK = {"check": "serving", "severity": "ok", "subject": "zk1", "found": "leader", "expected": "leader", "hint": ""}
BAD = {**OK, "severity": "critical", "subject": "zk2", "found": "no answer", "hint": "Start it."}


def test_findings_as_a_message_and_as_a_table():
    assert findings_message([OK, BAD], "Not healthy:").splitlines() == [
        "Not healthy:",
        "- zk2: serving: found no answer, expected leader. Start it.",
    ]
    assert len(findings_table([OK, BAD])) == 4


def test_the_ensemble_is_reported_once_as_its_best_connected_member_sees_it():
    hostvars = {
        "zk1": {ENSEMBLE: {"findings": [BAD, BAD]}},
        "zk2": {ENSEMBLE: {"findings": [OK, BAD]}},
        "ch1": {REPLICA: {"findings": [{**OK, "subject": "ch1"}]}},
        "ch2": {},
    }
    assert health_findings(hostvars) == [OK, BAD, {**OK, "subject": "ch1"}]


def test_a_host_that_could_not_be_reached_is_a_finding():
    lead = "Failed to connect to the host via ssh: "
    unreachable = {"unreachable": True, "msg": f"{lead}ssh: connect to host 10.0.0.12 port 22: No route to host\nmore"}
    (finding,) = health_findings({"zk2": {ENSEMBLE: unreachable}})
    assert (finding["check"], finding["severity"], finding["subject"]) == ("connection", "critical", "zk2")
    assert finding["found"] == "connect to host 10.0.0.12 port 22: No route to host"


def test_no_host_has_no_findings():
    assert health_findings({}) == []
