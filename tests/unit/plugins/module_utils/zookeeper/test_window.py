# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Counters within a window: captured answers of a healthy ensemble, with one counter changed in each test."""

import re

import pytest
from helpers import changed, down, healthy_ensemble

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, WARNING, problems
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import chosen
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.limits import DEFAULTS, WINDOW_CHECKS
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.window import check_window


def with_counter(member, metric, value):
    (line,) = re.findall(rf"^{metric}\t.*$", member.words["mntr"], re.M)
    return changed(member, "mntr", f"\n{line}\n", f"\n{metric}\t{value}\n")


def bad(before, after, seconds=10.0, limits=DEFAULTS):
    found = problems(check_window(before, after, seconds, limits))
    return [(finding.check, finding.severity, finding.subject, finding.found) for finding in found]


def test_nothing_increases():
    findings = check_window(healthy_ensemble(), healthy_ensemble(), 10.0, DEFAULTS)
    assert problems(findings) == []
    # mntr does not report slow_fsyncs.
    reported = {check.name for check in WINDOW_CHECKS} - {"slow_fsyncs"}
    assert {finding.check for finding in findings} == reported


@pytest.mark.parametrize(
    ("metric", "check", "severity", "unit"),
    [
        ("zk_cnt_election_time", "elections", WARNING, "elections"),
        ("zk_looking_count", "looking", WARNING, "times"),
        ("zk_digest_mismatches_count", "digest_mismatches", CRITICAL, "mismatches"),
        ("zk_unrecoverable_error_count", "unrecoverable_errors", CRITICAL, "errors"),
        ("zk_connection_rejected", "rejected_connections", WARNING, "connections"),
        ("zk_stale_requests_dropped", "stale_requests", WARNING, "requests"),
        ("zk_large_requests_rejected", "large_requests", WARNING, "requests"),
    ],
)
def test_a_counter_that_increases(metric, check, severity, unit):
    first, *others = healthy_ensemble()
    before, after = with_counter(first, metric, 5), with_counter(first, metric, 7)
    assert bad([before, *others], [after, *others]) == [(check, severity, "zk1", f"2 {unit}")]
    # What happened before does not count.
    assert bad([after, *others], [after, *others]) == []
    assert bad([before, *others], [after, *others], limits=chosen(DEFAULTS, {check: 2})) == []
    assert bad([before, *others], [after, *others], limits=chosen(DEFAULTS, {check: None})) == []


@pytest.mark.parametrize(("milliseconds", "expected"), [(1000, []), (1010, ["fsync_time"])])
def test_the_time_of_syncs_is_for_each_second(milliseconds, expected):
    first, *others = healthy_ensemble()
    before, after = with_counter(first, "zk_sum_fsynctime", 0), with_counter(first, "zk_sum_fsynctime", milliseconds)
    assert [item[0] for item in bad([before, *others], [after, *others], seconds=10.0)] == expected


def test_counters_of_a_member_that_was_restarted_begin_at_zero():
    first, *others = healthy_ensemble()
    before, after = with_counter(first, "zk_looking_count", 9), with_counter(first, "zk_looking_count", 1)
    assert [item[3] for item in bad([before, *others], [after, *others])] == ["1 times"]


def test_a_member_that_did_not_serve_is_not_compared():
    first, *others = healthy_ensemble()
    after = with_counter(first, "zk_looking_count", 9)
    assert bad([down("zk1"), *others], [after, *others]) == []
