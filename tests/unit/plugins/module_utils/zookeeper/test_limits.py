# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The limits of an ensemble's checks, and the metrics that they are for."""

import pytest
from helpers import changed, healthy_ensemble
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING, problems
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import chosen
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.limits import CHECKS, DEFAULTS, check_limits
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.status import MemberStatus


def severities(member, limits=DEFAULTS):
    return {finding.check: finding.severity for finding in check_limits(member, limits)}


@pytest.mark.parametrize(
    ("check", "metric", "met", "exceeded"),
    [
        ("outstanding_requests", "zk_outstanding_requests", "10", "11"),
        ("avg_latency", "zk_avg_latency", "100", "100.1"),
        ("max_latency", "zk_max_latency", "1000", "1001"),
        ("file_descriptors", "zk_open_file_descriptor_count", "14000", "14001"),
        ("znode_count", "zk_znode_count", "1000000", "1000001"),
        ("data_size", "zk_approximate_data_size", "1073741824", "1073741825"),
        ("digest_mismatches_since_start", "zk_digest_mismatches_count", "0", "1"),
        ("recent_restart", "zk_uptime", "180000", "179999"),
    ],
)
def test_a_limit_that_is_met_and_one_that_is_exceeded(check, metric, met, exceeded):
    member = healthy_ensemble()[0]
    line = next(line for line in member.words["mntr"].splitlines() if line.startswith(f"{metric}\t"))
    for value, severity in ((met, OK), (exceeded, WARNING)):
        assert severities(changed(member, "mntr", f"\n{line}\n", f"\n{metric}\t{value}\n"))[check] == severity


def test_pending_syncs_of_the_leader():
    leader = changed(healthy_ensemble()[2], "mntr", "zk_pending_syncs\t0", "zk_pending_syncs\t11")
    assert severities(leader)["pending_syncs"] == WARNING
    # Followers do not have the metric.
    assert "pending_syncs" not in severities(healthy_ensemble()[0])


def test_above_the_critical_limit_there_is_one_finding():
    slow = changed(healthy_ensemble()[0], "mntr", "zk_avg_latency\t1.0385", "zk_avg_latency\t500.1")
    result = severities(slow)
    assert result["avg_latency_critical"] == CRITICAL and "avg_latency" not in result


def test_a_finding_names_the_host_and_the_source_of_the_limit():
    slow = changed(healthy_ensemble()[0], "mntr", "zk_max_latency\t", "zk_max_latency\t9")
    (finding,) = problems(check_limits(slow, chosen(DEFAULTS, {"max_latency": 90})))
    assert finding.expected == "at most 90 ms"
    assert "of zk1" in finding.hint and "Nagios" in finding.hint and "{" not in finding.hint


def test_a_member_that_does_not_allow_mntr():
    member = healthy_ensemble()[0]
    silent = MemberStatus("zk1", words={word: text for word, text in member.words.items() if word != "mntr"})
    assert severities(silent) == {"metrics": WARNING}


@given(lines=st.dictionaries(st.sampled_from([check.metric for check in CHECKS if check.metric]), st.text(max_size=30)))
def test_garbage_in_a_metric_never_raises(lines):
    text = "".join(f"{metric}\t{value}\n" for metric, value in lines.items())
    check_limits(MemberStatus("zk1", words={"mntr": text}), DEFAULTS)
