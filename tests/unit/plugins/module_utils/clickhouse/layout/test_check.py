# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What is returned of many findings, and of none."""

from layout_world import DDL, HITS, ROOT, Znodes, check, statuses, world

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.check import check_layout
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.znodes import Paths

OPTIONAL = {"ddl_liveness", "discovery", "functions", "collections", "access"}


def many_orphans(count):
    znodes = Znodes()
    for number in range(count):
        path = f"{HITS}/replicas/x{number}"
        znodes.copy(f"{HITS}/replicas/ch2", path).add(f"{path}/host", f"host: x{number}\n").delete(f"{path}/is_active")
    return znodes


def test_findings_beyond_the_limit_are_counted_and_all_orphans_returned():
    found, orphans = check(many_orphans(5), max_findings=3)
    assert [item[2] for item in found] == [*(f"{HITS}/replicas/x{number}" for number in range(3)), ROOT]
    assert {item[:2] for item in found} == {("orphan_replica", "critical")}
    assert len(orphans) == 5
    findings, _orphans = check_layout(world(many_orphans(5)), "", 3)
    assert f"2 more, such as {HITS}/replicas/x3" in [finding.found for finding in findings]


def test_what_is_not_returned_keeps_its_severity():
    znodes = Znodes("stuck")
    znodes.add(f"{HITS}/quorum/parallel/20261121_1_1_0")
    found, _orphans = check(znodes, statuses("stuck"), max_findings=0)
    assert ("quorum", "critical", ROOT) in found


def test_every_check_that_found_nothing_says_so_once():
    findings, _orphans = check_layout(world(Znodes()), "", 20)
    names = [finding.check for finding in findings]
    assert len(names) == len(set(names)) and not OPTIONAL & set(names)
    paths = Paths(DDL, "/replicas", "/functions", "/collections", "/access", "/discovery")
    findings, _orphans = check_layout(world(Znodes(), paths=paths), "", 20)
    assert {finding.check for finding in findings} >= OPTIONAL
    assert findings[0].found == "2 tables, 4 replicas, 0 statements"
