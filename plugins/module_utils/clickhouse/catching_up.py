# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether a new replica has fetched everything that its tables had when it began."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from ..findings import CRITICAL, OK, Finding
from .http import Server

LOGS = "SELECT database, table, log_pointer, log_max_index FROM system.replicas"
# Entries that bring rows; merges and mutations only change those that are there.
FETCHES = "'GET_PART', 'ATTACH_PART', 'REPLACE_RANGE', 'CLONE_PART_FROM_SHARD'"
HINT = "It is fetching: system.replication_queue has the last exception. To wait longer, run the playbook again."

Table = tuple[str, str]


def check_present(host: str, coming: Iterable[str], present: Container[str]) -> list[Finding]:
    """Tables that a server creates by itself are there."""
    return [
        Finding("caught_up", OK, f"{host} {name}", "there", "there")
        if name in present
        else Finding("caught_up", CRITICAL, f"{host} {name}", "no such table yet", "there", HINT)
        for name in coming
    ]


def read_start(server: Server) -> tuple[int, dict[Table, int]]:
    """The time of the server, and the last entry in the log of each table."""
    now = int(server.rows("SELECT toUInt32(now()) AS now")[0]["now"])
    return now, {_table(row): int(row["log_max_index"]) for row in server.rows(LOGS)}


def read_progress(server: Server, since: int) -> tuple[dict[Table, int], dict[Table, int]]:
    """By table: the first entry of the log that is not in the queue yet, and the parts to fetch that it had at a time.

    since: of read_start.
    """
    pointers = {_table(row): int(row["log_pointer"]) for row in server.rows(LOGS)}
    parts = server.rows(
        "SELECT database, table, count() AS parts FROM system.replication_queue "
        f"WHERE type IN ({FETCHES}) AND toUInt32(create_time) <= {since} GROUP BY database, table"
    )
    return pointers, {_table(row): int(row["parts"]) for row in parts}


def _table(row: Mapping[str, Any]) -> Table:
    return str(row["database"]), str(row["table"])


def check_caught_up(
    host: str, last: Mapping[Table, int], pointers: Mapping[Table, int], parts: Mapping[Table, int], error: str = ""
) -> list[Finding]:
    """One finding for each table. last: of read_start. pointers, parts: of read_progress. error: why there are none."""
    findings = []
    for table, index in last.items():
        subject, pointer = f"{host} {'.'.join(table)}", pointers.get(table, 0)
        found = error
        # An empty log has the index 0, too.
        if not found and index and pointer <= index:
            found = f"the entries {pointer} to {index} of the log to read"
        if not found and table in parts:
            found = f"{parts[table]} parts to fetch"
        if found and (error or table in pointers):
            findings.append(Finding("caught_up", CRITICAL, subject, found, "everything", HINT))
        else:
            findings.append(Finding("caught_up", OK, subject, "everything", "everything"))
    return findings
