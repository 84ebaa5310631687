# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Is a replica well, judged from captured rows."""

import pytest
from helpers import rows

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.judge import judge
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.reading import Reading
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, troubles


def replica(situation="whole", **errors):
    return Reading("ch1", "18.16.1", replicas=rows(situation), **errors)


def with_table(**columns):
    """The captured rows of a replica that is well, with columns of its first table changed."""
    first, *rest = rows("whole")
    return Reading("ch1", "25.8.2.1", replicas=[{**first, **columns}, *rest])


def bad(findings):
    """(check, subject, found, expected) of what is not well; all of it is critical and says what to do."""
    told = troubles(findings)
    assert all(one.severity == CRITICAL and one.hint for one in told)
    return [(one.check, one.subject, one.found, one.expected) for one in told]


def test_a_login_that_is_refused():
    findings = judge(Reading("ch1", login_error="Wrong password for user cluster"))
    assert bad(findings) == [("login", "ch1", "Wrong password for user cluster", "an answer to a query")]
    assert "networks" in findings[0].hint


def test_a_replica_that_is_well():
    findings = judge(replica())
    assert bad(findings) == []
    assert [(one.check, one.subject, one.found) for one in findings[:5]] == [
        ("ping", "ch1", "18.16.1"),
        ("session", "ch1", "yes"),
        ("ddl_queue", "ch1", "yes"),
        ("replicated_tables", "ch1", "yes"),
        ("writable", "ch1 demo.hits", "writable"),
    ]
    assert {one.subject for one in findings} == {"ch1", "ch1 demo.hits", "ch1 demo.other"}


def test_a_server_that_is_away_is_one_finding():
    findings = judge(Reading("ch1", ping_error="127.0.0.1:8123: refused"))
    assert len(findings) == 1
    assert bad(findings) == [("ping", "ch1", "127.0.0.1:8123: refused", "Ok.")]


@pytest.mark.parametrize(
    ("error", "check"),
    [("session_error", "session"), ("ddl_error", "ddl_queue"), ("replicas_error", "replicated_tables")],
)
def test_what_could_not_be_read_is_critical(error, check):
    assert [one[:3] for one in bad(judge(replica(**{error: "Code: 999"})))] == [(check, "ch1", "Code: 999")]


def test_tables_without_an_ensemble_are_readonly():
    told = bad(judge(replica("no_ensemble", session_error="All connection tries failed")))
    assert ("writable", "ch1 demo.hits", "readonly", "writable") in told
    assert ("active_replicas", "ch1 demo.hits", "0 of 0", "all") in told


def test_an_expired_session_is_not_writable():
    assert bad(judge(with_table(is_session_expired=1))) == [
        ("writable", "ch1 demo.hits", "session expired", "writable")
    ]


@pytest.mark.parametrize(
    ("delay", "limit", "well"), [(300, 300, True), (301, 300, False), (0.0, 0, True), (6, 5.5, False)]
)
def test_the_delay_has_a_limit(delay, limit, well):
    told = bad(judge(with_table(absolute_delay=delay), limit))
    assert told == ([] if well else [("delay", "ch1 demo.hits", f"{delay} s", f"at most {limit} s")])


def test_the_delay_after_a_kill_is_not_known_yet():
    assert rows("killed")[0]["absolute_delay"] > 1_000_000_000
    assert bad(judge(replica("killed"))) == [
        ("delay", f"ch1 demo.{table}", "not known yet", "at most 300 s") for table in ("hits", "other")
    ]


def test_another_replica_that_is_away_is_critical():
    assert bad(judge(replica("other_away"))) == [("active_replicas", "ch1 demo.hits", "1 of 2", "all")]


def test_another_replica_that_is_away_does_not_count_without_peers():
    findings = judge(replica("other_away"), peers=False)
    assert bad(findings) == []
    assert "active_replicas" not in {one.check for one in findings}
    assert "writable" in {one.check for one in findings}


def test_an_exception_of_zookeeper_stands_for_the_whole_table():
    told = judge(with_table(zookeeper_exception="No node, path: /t/hits/log", is_readonly=1))
    assert bad(told) == [("replicated_tables", "ch1 demo.hits", "No node, path: /t/hits/log", "readable")]
    assert [one.check for one in told if one.subject == "ch1 demo.hits"] == ["replicated_tables"]


def test_an_empty_exception_is_none():
    assert bad(judge(with_table(zookeeper_exception=""))) == []


def test_numbers_may_come_as_text():
    columns = {"is_readonly": "0", "absolute_delay": "0", "total_replicas": "2", "active_replicas": "2"}
    assert bad(judge(with_table(**columns))) == []
