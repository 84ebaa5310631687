# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for findings."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.filter.findings import (
    findings_message,
    findings_table,
    health_findings,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.report.collect import ENSEMBLE, REPLICA

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
    }
    assert health_findings(hostvars, ["zk1", "zk2"], ["ch1"]) == [OK, BAD, {**OK, "subject": "ch1"}]


def test_a_host_that_could_not_be_reached_is_one_finding():
    lead = "Failed to connect to the host via ssh: "
    unreachable = {"unreachable": True, "msg": f"{lead}ssh: connect to host 10.0.0.12 port 22: No route to host\nmore"}
    hostvars = {"db2": {ENSEMBLE: unreachable, REPLICA: unreachable}}
    (finding,) = health_findings(hostvars, ["db2"], ["db2"])
    assert (finding["check"], finding["severity"], finding["subject"]) == ("connection", "critical", "db2")
    assert finding["found"] == "connect to host 10.0.0.12 port 22: No route to host"


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({REPLICA: {"failed": True, "msg": "Missing sudo password\nmore"}}, "failed: Missing sudo password"),
        ({REPLICA: {"failed": True, "msg": "'topology_model' is undefined"}}, "failed: 'topology_model' is undefined"),
        ({REPLICA: {"skipped": True}}, "not checked"),
        ({}, "not checked"),
    ],
)
def test_a_host_whose_check_failed_or_did_not_run_is_no_problem_of_the_connection(variables, found):
    (finding,) = health_findings({"ch1": variables}, [], ["ch1"])
    assert (finding["check"], finding["severity"], finding["subject"], finding["found"]) == (
        "health_check",
        "critical",
        "ch1",
        found,
    )


def test_hosts_outside_the_run_and_services_that_its_tags_leave_out_need_no_result():
    hostvars = {"zk1": {ENSEMBLE: {"findings": [OK]}}, "zk2": {}, "ch1": {}}
    assert health_findings(hostvars, ["zk1"], ["ch1"], ["zookeeper"]) == [OK]
    assert health_findings(hostvars, ["zk1"], ["ch1"], ["all"], ["clickhouse"]) == [OK]
