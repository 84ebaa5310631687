# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The schema that is wanted, and what of it was applied."""

import json

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.schema import (
    parse_entry,
    plan,
    plan_databases,
    read_record,
    validate_databases,
    validate_entry,
    write_record,
)

PATH = "/clickhouse/main/zoohouse/schema"
WHEN = "on 2026-11-26 at 19:00 UTC"
TABLE = "CREATE TABLE IF NOT EXISTS demo.hits ON CLUSTER main (day Date) ENGINE = Log"
ALTER = "ALTER TABLE demo.hits ON CLUSTER main ADD COLUMN id UInt64"


# --- Validation


def problems(sql, name="hits"):
    return [(error.found, error.expected) for error in validate_entry("ch1", name, sql, "main")]


@pytest.mark.parametrize(
    "sql",
    [
        f"{TABLE};\n-- and then\n{ALTER};",
        "CREATE DATABASE IF NOT EXISTS demo ON CLUSTER '{cluster}'",
        "CREATE OR REPLACE VIEW demo.v ON CLUSTER `main` AS SELECT * FROM demo.hits",
        "CREATE MATERIALIZED VIEW IF NOT EXISTS demo.m ON CLUSTER main TO demo.d AS SELECT 1",
        "create table if not exists demo.b on cluster main as demo.hits engine = Log",
        'CREATE TABLE IF NOT EXISTS demo.c ON CLUSTER "main" (`populate` Int8, `as select` Int8) ENGINE = Log',
        "DROP TABLE IF EXISTS demo.old ON CLUSTER main",
        "INSERT INTO demo.hits SELECT today()",
        "GRANT ON CLUSTER main SELECT ON demo.* TO reader",
    ],
)
def test_statements_that_can_be_applied(sql):
    assert problems(sql) == []


@pytest.mark.parametrize(
    ("sql", "found", "expected"),
    [
        ("CREATE DATABASE IF NOT EXISTS demo", "CREATE without ON CLUSTER", "ON CLUSTER main"),
        (TABLE.replace("main", "other"), "ON CLUSTER other", "ON CLUSTER main"),
        (TABLE.replace("IF NOT EXISTS ", ""), "CREATE without IF NOT EXISTS", "an interrupted run can be repeated"),
        ("SELECT 1", "SELECT", "a statement that changes the schema"),
        ("SYSTEM FLUSH LOGS ON CLUSTER main", "SYSTEM", "a statement that changes the schema"),
        ("INSERT INTO a ON CLUSTER main SELECT 1", "INSERT ON CLUSTER", "one replica runs"),
        (f"{TABLE} AS SELECT 1", "CREATE with rows of a SELECT", "INSERT ... SELECT"),
        (f"{TABLE} AS (WITH 1 AS x SELECT x)", "CREATE with rows of a SELECT", "INSERT ... SELECT"),
        (
            "CREATE MATERIALIZED VIEW IF NOT EXISTS a ON CLUSTER main ENGINE = Log POPULATE AS SELECT 1",
            "CREATE with rows of a SELECT",
            "INSERT ... SELECT",
        ),
        ("-- ON CLUSTER main\nDROP TABLE a COMMENT 'ON CLUSTER main'", "DROP without ON CLUSTER", "ON CLUSTER main"),
    ],
)
def test_statements_that_cannot_be_applied_once_for_all(sql, found, expected):
    ((text, wanted),) = problems(f"{ALTER}; {sql}")
    assert text.startswith(f"in hits, statement 2: {found}") and expected in wanted


def test_other_wrong_entries():
    assert problems("-- nothing") == [("hits without a statement", "SQL statements")]
    assert problems("CREATE 'x") == [("in hits, a text that begins in line 1 does not end", "SQL statements")]
    assert problems(ALTER, "../x") == [("the name '../x'", "a name of letters, digits, '.', '_' and '-'")]


def test_wrong_databases():
    found = [error.found for error in validate_databases("ch1", [{"name": name} for name in ("a", "b`", "a")])]
    assert found == ["a 2 times", "b`"]


# --- What is to be done


def entry(sql=f"{TABLE}; {ALTER}", name="hits"):
    return parse_entry(name, sql)


def planned(records, *entries):
    steps, findings = plan(entries or [entry()], records, PATH)
    return [(step.entry.name, step.done) for step in steps], [(item.subject, item.severity) for item in findings]


def test_entries_are_applied_in_their_order():
    assert planned({}, entry(name="b"), entry(name="a")) == ([("b", 0), ("a", 0)], [])


def test_an_entry_that_was_applied():
    assert planned({"hits": write_record(entry(), 2, WHEN)}) == ([], [("hits", "ok")])


def test_an_entry_that_is_formatted_in_another_way_is_the_same():
    other = entry(f"-- The hits.\n{TABLE.replace(' (', chr(10) + '(')};\n\n{ALTER}\n;")
    assert planned({"hits": write_record(other, 2, WHEN)}) == ([], [("hits", "ok")])


@pytest.mark.parametrize(
    "sql", [TABLE, f"{ALTER}; {TABLE}", f"{TABLE}; {ALTER}; {ALTER}", f"{TABLE.replace('Date', 'DateTime')}; {ALTER}"]
)
def test_an_entry_that_has_changed_is_critical(sql):
    steps, (finding,) = plan([entry(sql)], {"hits": write_record(entry(), 2, WHEN)}, PATH)
    assert steps == [] and finding.severity == "critical"
    assert finding.found == f"another text than that which was applied {WHEN}"
    assert f"{PATH}/hits" in finding.hint


def test_an_entry_that_was_interrupted_is_continued():
    assert planned({"hits": write_record(entry(), 1, WHEN)}) == ([("hits", 1)], [])


def test_a_statement_that_failed_may_be_corrected():
    record = write_record(entry(f"{TABLE}; {ALTER} ERROR"), 1, WHEN)
    assert planned({"hits": record}) == ([("hits", 1)], [])
    assert planned({"hits": record}, entry(f"{TABLE}x; {ALTER}")) == ([], [("hits", "critical")])


@pytest.mark.parametrize("data", [b"", b"x", b"[]", b"{}", b"\xff", b'{"applied": 1, "complete": true}'])
def test_a_record_that_cannot_be_read_is_critical(data):
    assert read_record(data)["complete"] is True
    assert planned({"hits": data}) == ([], [("hits", "critical")])


def test_a_record_has_no_statement():
    """They may contain secrets."""
    record = json.loads(write_record(entry(), 2, WHEN))
    assert set(record) == {"applied", "complete", "time"} and "demo" not in str(record)


# --- Databases


def test_databases():
    deployed = {"ch1": {"demo": "Ordinary", "log": "Atomic"}, "ch2": {"demo": "Ordinary"}}
    wanted = [
        {"name": "demo"},
        {"name": "log", "engine": "Atomic"},
        {"name": "new", "engine": "Replicated('/x', '{shard}')"},
    ]
    statements, findings = plan_databases(wanted, deployed, "main")
    assert statements == {
        "log": "CREATE DATABASE IF NOT EXISTS `log` ON CLUSTER `main` ENGINE = Atomic",
        "new": "CREATE DATABASE IF NOT EXISTS `new` ON CLUSTER `main` ENGINE = Replicated('/x', '{shard}')",
    }
    assert [(item.subject, item.severity) for item in findings] == [("demo", "ok")]


def test_a_database_with_another_engine():
    statements, (finding,) = plan_databases(
        [{"name": "demo", "engine": "Atomic"}], {"ch1": {"demo": "Ordinary"}}, "main"
    )
    assert statements == {} and finding.severity == "critical"
    assert (finding.found, finding.expected) == ("the engine Ordinary on ch1", "Atomic")
