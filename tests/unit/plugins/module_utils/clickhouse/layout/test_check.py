# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What is returned of many findings, of none, and of what could not be checked."""

from layout_world import DDL, HITS, HOSTS, ROOT, Znodes, check, statuses, world

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.check import (
    NEED_SERVERS,
    SERVER_CHECKS,
    TREE_CHECKS,
    check_layout,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.check import OPTIONAL as NOT_USED
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.znodes import Paths
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import OK

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


def healthy(*args, **options):
    """What the checks that found nothing say, by check."""
    findings, _orphans = check_layout(world(*args, **options), "no session", 20)
    return {item.check: item.found for item in findings if item.severity == OK}


def test_every_check_reports_when_it_found_nothing():
    paths = Paths(*(f"/x{number}" for number in range(6)))
    names = {name for names in (SERVER_CHECKS | TREE_CHECKS).values() for name in names}
    assert set(healthy(Znodes(), paths=paths)) == names | {"orphan_table", "orphan_replica", "zookeeper"}
    assert NEED_SERVERS | set(NOT_USED) <= names | {"orphan_table", "orphan_replica"}


def test_what_a_cluster_does_not_use_is_not_reported():
    found = healthy(Znodes(), paths=Paths())
    assert not {"ddl_length", "ddl_stuck", "discovery", "functions", "access"} & set(found)
    assert "ddl_length" in healthy(Znodes(), paths=Paths(ddl=DDL))


def test_a_check_says_which_servers_it_could_not_check():
    found = healthy(Znodes(), statuses(gone=["ch2"]))
    assert found["orphan_replica"] == "nothing, except on ch2, which could not be read"
    assert found["quorum"] == "nothing"


def test_without_any_server_nothing_that_needs_one_is_healthy():
    found = healthy(Znodes(), statuses(gone=HOSTS))
    assert not NEED_SERVERS & set(found) and {"quorum", "is_active", "ddl_age"} <= set(found)


def test_without_an_ensemble_nothing_that_needs_it_is_healthy():
    assert set(healthy(None)) == {"servers", "macros", "duplicate_replica", "shared_path", "clusters"}
