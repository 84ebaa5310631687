# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The four questions."""

import pytest
from reports import hostvars, replica_row, report, situation

from ansible_collections.zoohouse.cluster.plugins.module_utils.report.collect import REPLICA
from ansible_collections.zoohouse.cluster.plugins.module_utils.report.questions import question_of


def question(result, name):
    return next(item for item in result["questions"] if item["name"] == name)


def with_selects(**totals):
    changed = hostvars("healthy")
    for number, (host, total) in enumerate(totals.items(), 1):
        changed[host][REPLICA]["replicas"] = [replica_row(host, number, selects_total=total)]
    return question(situation(changed), "load")


def test_the_integration_counts_members_and_sessions():
    answer = question(report("healthy"), "integration")["answer"]
    assert "3 of 3 members serve, 4 of 4 replicas have a session with ZooKeeper, 4 of 4 replicas have opened" in answer
    lost = question(report("leader_lost"), "integration")
    assert lost["severity"] == "critical" and "2 of 3 members serve" in lost["answer"]


def test_what_was_not_checked_is_not_in_sync():
    result = situation(hostvars("healthy"), ["ensemble"])
    metadata, integration = question(result, "metadata"), question(result, "integration")
    assert (metadata["severity"], metadata["answer"]) == (
        "unknown",
        "1 check, no problem; not checked: layout, drift.",
    )
    assert integration["severity"] == "unknown" and "not checked: replication" in integration["answer"]


def test_a_problem_is_an_answer_although_a_part_was_not_checked():
    result = situation(hostvars("leader_lost"), ["ensemble"])
    assert question(result, "integration")["severity"] == "critical"


def test_an_orphan_and_a_drift_are_metadata_out_of_sync():
    result = question(report("orphan"), "metadata")
    assert result["severity"] == "critical" and "orphan_replica, schema_drift" in result["answer"]


def test_load_is_uneven_when_one_replica_has_far_more_queries_than_its_peer():
    uneven = with_selects(ch1=36000, ch2=3600)
    assert uneven["severity"] == "warning" and "shard 01: ch1 10, ch2 1 selects/s" in uneven["answer"]
    assert with_selects(ch1=36000, ch2=18000)["severity"] == "ok"
    assert with_selects(ch1=3000, ch2=0)["severity"] == "ok", "less than one query per second says nothing"


def test_load_that_is_not_known_is_not_even():
    unknown = with_selects(ch1=None, ch2=3600)
    assert unknown["severity"] == "unknown" and "unknown for ch1" in unknown["answer"]


def test_the_slowest_host_of_each_figure_is_named():
    answer = question(report("leader_lost"), "latency")["answer"]
    assert "latency of members at most 140 ms (zk3)" in answer and "delay at most 3 s (ch4)" in answer
    assert "delay unknown" in question(report("down"), "latency")["answer"]


@pytest.mark.parametrize(
    ("check", "part", "name"),
    [
        ("ddl_queue", "replication", "integration"),
        ("serving", "ensemble", "integration"),
        ("membership", "ensemble", "metadata"),
        ("orphan_replica", "layout", "metadata"),
        ("ddl_queue_age", "layout", "metadata"),
        ("version_drift", "drift", "metadata"),
        ("fsync_time", "ensemble", "latency"),
        ("max_latency", "ensemble", "latency"),
        ("distributed_queue", "replication", "latency"),
    ],
)
def test_the_question_of_a_check(check, part, name):
    assert question_of(check, part) == name
