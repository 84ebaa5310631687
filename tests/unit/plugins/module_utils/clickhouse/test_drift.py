# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Differences between replicas."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.drift import check_drift
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING, problems

SHARDS = {"ch1": "01", "ch2": "01", "ch3": "02", "ch4": "02"}
HITS = {"engine": "ReplicatedMergeTree", "columns": "aaa", "definition": "ddd"}
ALL = {"engine": "Distributed", "columns": "aaa", "definition": "ddd"}


def catalogs(**changes):
    """Four replicas that agree; changes: parts of one host."""
    same = {
        "tables": {"demo.hits": HITS, "demo.all": ALL},
        "users": {"users/admin": "u1", "profiles/default": "p1"},
        "settings": {"merge_tree": "m1"},
    }
    return {host: {**same, **changes.get(host, {})} for host in SHARDS}


def bad(found, versions=None):
    findings = problems(check_drift(found, versions or dict.fromkeys(SHARDS, "18.16.1"), SHARDS))
    assert all(finding.hint and finding.expected for finding in findings)
    return [(finding.check, finding.severity, finding.subject, finding.found) for finding in findings]


def test_replicas_that_agree():
    findings = check_drift(catalogs(), dict.fromkeys(SHARDS, "18.16.1"), SHARDS)
    assert [(finding.check, finding.severity) for finding in findings] == [
        ("version_drift", OK),
        ("schema_drift", OK),
        ("users_drift", OK),
        ("configuration_drift", OK),
    ]


def test_a_replica_without_a_table_of_its_shard():
    assert bad(catalogs(ch2={"tables": {"demo.all": ALL}})) == [
        ("missing_table", CRITICAL, "ch2 demo.hits", "no such table")
    ]


def test_a_replica_without_any_table():
    """It answers, has its session and nothing is wrong with its tables, because it has none."""
    assert bad(catalogs(ch4={"tables": {}})) == [
        ("missing_table", CRITICAL, "ch4 demo.hits", "no such table"),
        ("missing_table", WARNING, "ch4 demo.all", "no such table"),
    ]


def test_a_table_that_only_one_shard_has():
    other = {"tables": {"demo.hits": HITS, "demo.all": ALL, "demo.local": HITS}}
    assert bad(catalogs(ch1=other, ch2=other)) == []


def test_other_parameters_of_an_engine():
    changed = catalogs(ch4={"tables": {"demo.hits": HITS, "demo.all": {**ALL, "definition": "eee"}}})
    found = "the same columns, but one definition on ch1, ch2, ch3 but not on ch4"
    assert bad(changed) == [("schema_drift", WARNING, "cluster demo.all", found)]
    # Another version may only write it in another way.
    versions = {**dict.fromkeys(SHARDS, "18.16.1"), "ch4": "25.8.2"}
    assert [item[0] for item in bad(changed, versions)] == ["version_drift"]


def test_other_columns():
    tables = {"demo.hits": {**HITS, "columns": "bbb"}, "demo.all": ALL}
    assert bad(catalogs(ch2={"tables": tables})) == [
        ("schema_drift", WARNING, "cluster demo.hits", "one schema on ch1, ch3, ch4 but not on ch2")
    ]


@pytest.mark.parametrize(
    ("change", "check", "found"),
    [
        (
            {"users": {"users/admin": "u2", "profiles/default": "p1"}},
            "users_drift",
            "users/admin: one value on ch1, ch2, ch4; another value on ch3",
        ),
        (
            {"users": {"users/admin": "u1"}},
            "users_drift",
            "profiles/default: one value on ch1, ch2, ch4; nothing on ch3",
        ),
        ({"settings": {}}, "configuration_drift", "merge_tree: one value on ch1, ch2, ch4; nothing on ch3"),
    ],
)
def test_other_users_and_settings(change, check, found):
    assert bad(catalogs(ch3=change)) == [(check, WARNING, "cluster", found)]


def test_other_versions():
    versions = {"ch1": "24.8.1.1", "ch2": "24.8.1.1", "ch3": "25.3.1.1"}
    assert bad(catalogs(), versions) == [("version_drift", WARNING, "cluster", "24.8.1.1 on ch1, ch2; 25.3.1.1 on ch3")]


def test_what_could_not_be_read_is_not_compared():
    nothing = {"tables": None, "users": None, "settings": None}
    assert bad(catalogs(ch2=nothing)) == []
    assert check_drift({"ch1": catalogs()["ch1"]}, {"ch1": "18.16.1"}, SHARDS) == []
    assert check_drift({}, {}, {}) == []
