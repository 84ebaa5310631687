# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The filters take what tasks register, and return dicts."""

from ansible_collections.zoohouse.cluster.plugins.filter.clickhouse_chroot import FilterModule

CLUSTER = {"name": "main", "replicas": [{"host": "ch1"}]}
FILTERS = FilterModule().filters()


def test_the_results_of_a_loop_become_findings():
    record = FILTERS["clickhouse_chroot_record"]({"name": "main", "replicas": [{"host": "ch9"}]})
    whole = {"znodes": 3, "tree": {}, "error": ""}
    kept = {"znodes": 2, "tree": {"/c/zoohouse/cluster": {"data": record}}, "error": ""}
    (error,) = FILTERS["clickhouse_chroot_errors"]([whole, kept], CLUSTER, "/c")
    assert (error["check"], error["subject"]) == ("clickhouse_zookeeper_root", "ch1")
    assert (
        FILTERS["clickhouse_chroot_errors"]([{**whole, "znodes": 0}, {**kept, "znodes": 0, "tree": {}}], CLUSTER, "/c")
        == []
    )
