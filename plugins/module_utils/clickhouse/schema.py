# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The databases and the schema of a cluster, as the inventory wants them and as they were applied. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..findings import CRITICAL, OK, Finding, validation_error
from .sql import Statement, split_statements

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
DATABASE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Statements that every replica has to run.
ON_ALL = frozenset(
    ["CREATE", "ALTER", "DROP", "RENAME", "EXCHANGE", "TRUNCATE", "ATTACH", "DETACH", "UNDROP", "GRANT", "REVOKE"]
)
# Rows are replicated.
ON_ONE = frozenset(["INSERT"])
CHANGED = (
    "Restore it, and put the change into an entry of its own, such as ALTER TABLE. If only the record is wrong, delete "
    "the znode {path}; then the entry is applied again."
)


@dataclass(frozen=True)
class Entry:
    """One entry of clickhouse_schema."""

    name: str
    statements: tuple[str, ...]
    checksums: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """Statements of an entry that were not applied yet, and the number of those that were."""

    entry: Entry
    done: int = 0

    @property
    def missing(self) -> tuple[str, ...]:
        return self.entry.statements[self.done :]


def parse_entry(name: str, sql: str) -> Entry:
    """Raises ValueError for text that cannot be split into statements."""
    statements = split_statements(sql)
    return Entry(name, tuple(item.text for item in statements), tuple(_checksum(item) for item in statements))


def _checksum(statement: Statement) -> str:
    """Of a statement without comments and spaces, so that it may be formatted in another way."""
    return hashlib.sha256("\0".join(statement.tokens).encode()).hexdigest()[:16]


# --- Validation


def validate_databases(host: str, databases: Sequence[Mapping[str, str]]) -> Iterator[Finding]:
    names = [database["name"] for database in databases]
    for name in dict.fromkeys(names):
        if not DATABASE.fullmatch(name):
            yield validation_error("clickhouse_databases", host, name, "a name of letters, digits and '_'")
        elif names.count(name) > 1:
            yield validation_error("clickhouse_databases", host, f"{name} {names.count(name)} times", "each name once")


def validate_entry(host: str, name: str, sql: str, cluster: str) -> Iterator[Finding]:
    """Validation errors for what cannot be applied once for the whole cluster, and again after an interruption."""
    if not NAME.fullmatch(name):
        expected = "a name of letters, digits, '.', '_' and '-'"
        yield validation_error("clickhouse_schema", host, f"the name {name!r}", expected)
    try:
        statements = split_statements(sql)
    except ValueError as error:
        yield validation_error("clickhouse_schema", host, f"in {name}, {error}", "SQL statements")
        return
    if not statements:
        yield validation_error("clickhouse_schema", host, f"{name} without a statement", "SQL statements")
    for number, statement in enumerate(statements, 1):
        found, expected = _problem(statement, cluster)
        if found:
            yield validation_error("clickhouse_schema", host, f"in {name}, statement {number}: {found}", expected)


def _problem(statement: Statement, cluster: str) -> tuple[str, str]:
    """What is wrong with a statement, and what is expected; empty when nothing is."""
    kind, words = statement.words[0], f" {' '.join(statement.words)} "
    target = statement.after("ON", "CLUSTER")
    if kind in ON_ONE:
        return ("", "") if target is None else (f"{kind} ON CLUSTER", "INSERT, which one replica runs")
    if kind not in ON_ALL:
        return kind, "a statement that changes the schema, or INSERT"
    if target is None:
        return f"{kind} without ON CLUSTER", f"ON CLUSTER {cluster}"
    if target.strip("'`\"") not in (cluster, "{cluster}"):
        return f"ON CLUSTER {target}", f"ON CLUSTER {cluster}"
    if kind == "CREATE" and " IF NOT EXISTS " not in words and " OR REPLACE " not in words:
        return "CREATE without IF NOT EXISTS", "IF NOT EXISTS, so that an interrupted run can be repeated"
    if kind == "CREATE" and (" POPULATE " in words or (_creates_table(words) and _selects(words))):
        return "CREATE with rows of a SELECT, which every replica would insert", "CREATE, then INSERT ... SELECT"
    return "", ""


def _creates_table(words: str) -> bool:
    return re.match(r" CREATE (OR REPLACE )?(TABLE|TEMPORARY) ", words) is not None


def _selects(words: str) -> bool:
    return re.search(r" AS (\( )*(SELECT|WITH) ", words) is not None


# --- What is to be done


def plan(entries: Iterable[Entry], records: Mapping[str, bytes], path: str) -> tuple[list[Step], list[Finding]]:
    """What is to be applied, and a finding for each entry that was applied before.

    records: the znodes of entries, by name. path: of their parent.
    """
    steps, findings = [], []
    for entry in entries:
        record: dict[str, Any] = {"applied": [], "complete": False}
        if entry.name in records:
            record = read_record(records[entry.name])
        applied = tuple(record["applied"])
        same = applied == entry.checksums[: len(applied)]
        if not same or (record["complete"] and len(applied) != len(entry.checksums)):
            found = f"another text than that which was applied {record.get('time', 'before')}"
            hint = CHANGED.format(path=f"{path}/{entry.name}")
            findings.append(Finding("schema", CRITICAL, entry.name, found, "the same text", hint))
        elif record["complete"]:
            findings.append(Finding("schema", OK, entry.name, "applied", "applied"))
        else:
            steps.append(Step(entry, len(applied)))
    return steps, findings


def read_record(data: bytes) -> dict[str, Any]:
    """The record of an entry. One that cannot be read is that of another text."""
    try:
        record = json.loads(data.decode())
        return {**record, "applied": [str(item) for item in record["applied"]], "complete": bool(record["complete"])}
    except (ValueError, LookupError, TypeError):
        return {"applied": [""], "complete": True}


def write_record(entry: Entry, done: int, time: str) -> bytes:
    """The record of an entry of which the first statements were applied. time: when, as text."""
    record = {"applied": entry.checksums[:done], "complete": done == len(entry.checksums), "time": time}
    return json.dumps(record).encode()


def plan_databases(
    databases: Iterable[Mapping[str, str]], deployed: Mapping[str, Mapping[str, str]], cluster: str
) -> tuple[dict[str, str], list[Finding]]:
    """Statement by name of each database that a server lacks; findings for those with another engine.

    deployed: engine by name, by server.
    """
    statements, findings = {}, []
    for database in databases:
        name, engine = database["name"], database.get("engine") or ""
        wanted = engine.partition("(")[0].strip()
        others = {host: known[name] for host, known in deployed.items() if name in known and known[name] != wanted}
        if wanted and others:
            found = ", ".join(f"{found} on {host}" for host, found in others.items())
            hint = "The engine of a database cannot change. Keep it, or make another database."
            findings.append(Finding("database", CRITICAL, name, f"the engine {found}", wanted, hint))
        elif all(name in known for known in deployed.values()):
            findings.append(Finding("database", OK, name, "there", "there"))
        else:
            suffix = f" ENGINE = {engine}" if engine else ""
            statements[name] = f"CREATE DATABASE IF NOT EXISTS `{name}` ON CLUSTER `{cluster}`{suffix}"
    return statements, findings
