# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of a replica, from captured rows."""

from dataclasses import replace

import pytest
from helpers import http_server, replaying, rows

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.checks import check_replica
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import Server
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.status import ReplicaStatus, read_replica
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING, problems
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import chosen


def replica(situation="healthy", **errors):
    return ReplicaStatus("ch1", "18.16.1", replicas=rows(situation), **errors)


def with_table(**columns):
    """The captured rows of a replica that is healthy, with columns of its first table changed."""
    first, *rest = rows("healthy")
    return ReplicaStatus("ch1", "25.8.2.1", replicas=[{**first, **columns}, *rest])


def bad(findings):
    """(check, subject, found, expected) of what is not healthy; all of it is critical and says what to do."""
    result = problems(findings)
    assert all(item.severity == CRITICAL and item.hint for item in result)
    return [(item.check, item.subject, item.found, item.expected) for item in result]


def test_a_login_that_is_invalid():
    findings = check_replica(ReplicaStatus("ch1", login_error="Wrong password for user cluster"))
    assert bad(findings) == [("login", "ch1", "Wrong password for user cluster", "an answer to a query")]
    assert "networks" in findings[0].hint


def test_a_replica_that_is_healthy():
    findings = check_replica(replica())
    assert bad(findings) == []
    assert [(item.check, item.subject, item.found) for item in findings[:5]] == [
        ("ping", "ch1", "18.16.1"),
        ("session", "ch1", "yes"),
        ("ddl_queue", "ch1", "yes"),
        ("replicated_tables", "ch1", "yes"),
        ("writable", "ch1 demo.hits", "writable"),
    ]
    assert {item.subject for item in findings} == {"ch1", "ch1 demo.hits", "ch1 demo.other"}


def test_a_server_that_is_away_is_one_finding():
    findings = check_replica(ReplicaStatus("ch1", ping_error="127.0.0.1:8123: refused"))
    assert len(findings) == 1
    assert bad(findings) == [("ping", "ch1", "127.0.0.1:8123: refused", "Ok.")]


@pytest.mark.parametrize(
    ("error", "check"),
    [("session_error", "session"), ("ddl_error", "ddl_queue"), ("replicas_error", "replicated_tables")],
)
def test_what_could_not_be_read_is_critical(error, check):
    assert [item[:3] for item in bad(check_replica(replica(**{error: "Code: 999"})))] == [(check, "ch1", "Code: 999")]


def test_tables_without_an_ensemble_are_readonly():
    result = bad(check_replica(replica("no_ensemble", session_error="All connection tries failed")))
    assert ("writable", "ch1 demo.hits", "readonly", "writable") in result
    assert {check for check, *_rest in result} == {"session", "writable"}


def test_an_expired_session_is_not_writable():
    assert bad(check_replica(with_table(is_session_expired=1))) == [
        ("writable", "ch1 demo.hits", "session expired", "writable")
    ]


@pytest.mark.parametrize(
    ("delay", "limit", "healthy"), [(300, 300, True), (301, 300, False), (0.0, 0, True), (6, 5.5, False)]
)
def test_the_delay_has_a_limit(delay, limit, healthy):
    result = bad(check_replica(with_table(absolute_delay=delay), chosen(DEFAULTS, {"delay": limit})))
    assert result == ([] if healthy else [("delay", "ch1 demo.hits", f"{delay} s", f"at most {limit} s")])


def test_the_delay_after_a_kill_is_not_known_yet():
    assert rows("killed")[0]["absolute_delay"] > 1_000_000_000
    assert bad(check_replica(replica("killed"))) == [
        ("delay", f"ch1 demo.{table}", "not known yet", "at most 300 s") for table in ("hits", "other")
    ]


def test_another_replica_that_is_away_is_critical():
    assert bad(check_replica(replica("other_down"))) == [("active_replicas", "ch1 demo.hits", "1 of 2", "all")]


def test_another_replica_that_is_away_does_not_count_without_peers():
    findings = check_replica(replica("other_down"), peers=False)
    assert bad(findings) == []
    assert "active_replicas" not in {item.check for item in findings}
    assert "writable" in {item.check for item in findings}


@pytest.mark.parametrize(
    ("total", "shard", "limits", "severity"),
    [
        (1, 2, {}, WARNING),
        (2, 2, {}, OK),
        (1, 3, {"total_replicas": 1}, OK),
        (2, 3, {"total_replicas": 3}, WARNING),
        # The shard itself has fewer.
        (1, 1, {}, None),
        (2, 2, {"total_replicas": 3}, None),
        # The inventory is not known.
        (1, 0, {}, None),
        (1, 2, {"total_replicas": None}, None),
        # Without a session.
        (0, 2, {}, None),
    ],
)
def test_a_table_without_another_replica(total, shard, limits, severity):
    status = with_table(total_replicas=total, active_replicas=total)
    findings = check_replica(status, chosen(DEFAULTS, limits), shard_replicas=shard)
    found = [item for item in findings if (item.check, item.subject) == ("total_replicas", "ch1 demo.hits")]
    assert [item.severity for item in found] == ([severity] if severity else [])
    assert all(item.found == f"{total} replicas" for item in found)
    assert all("same path" in item.hint for item in found if severity == WARNING)


def test_an_exception_of_zookeeper_replaces_the_other_checks_of_the_table():
    result = check_replica(with_table(zookeeper_exception="No node, path: /t/hits/log", is_readonly=1))
    assert bad(result) == [("replicated_tables", "ch1 demo.hits", "No node, path: /t/hits/log", "readable")]
    assert [item.check for item in result if item.subject == "ch1 demo.hits"] == ["replicated_tables"]


def test_an_empty_exception_is_none():
    assert bad(check_replica(with_table(zookeeper_exception=""))) == []


def test_numbers_may_come_as_text():
    columns = {"is_readonly": "0", "absolute_delay": "0", "total_replicas": "2", "active_replicas": "2"}
    assert bad(check_replica(with_table(**columns))) == []


# --- Identity


def identity(macros=None, engine=None):
    """The finding of a captured replica, with other macros or another engine of its table."""
    with http_server(replaying("identity")) as (port, _requests):
        status = read_replica(Server(port=port), name="ch1")
    changes = {"macros": {**status.macros, **(macros or {})}}
    if engine:
        changes["engines"] = dict.fromkeys(status.engines, engine)
    return [finding for finding in check_replica(replace(status, **changes)) if finding.check == "identity"]


def test_a_table_that_agrees_with_the_macros():
    (finding,) = identity()
    assert (finding.severity, finding.subject) == (OK, "ch1 demo.hits")
    assert finding.found == "/tables/01/demo/hits as replica ch1"


@pytest.mark.parametrize(
    ("macros", "expected"),
    [
        ({"shard": "02"}, "/tables/02/demo/hits as replica ch1"),
        ({"replica": "other"}, "/tables/01/demo/hits as replica other"),
    ],
)
def test_macros_that_lead_elsewhere(macros, expected):
    (finding,) = identity(macros)
    assert (finding.severity, finding.expected) == (CRITICAL, expected)
    assert finding.hint


@pytest.mark.parametrize("engine", ["ReplicatedMergeTree", "ReplicatedMergeTree('/t/{uuid}/{shard}', '{replica}')"])
def test_an_engine_whose_macros_are_not_known_is_not_checked(engine):
    assert identity(engine=engine) == []
