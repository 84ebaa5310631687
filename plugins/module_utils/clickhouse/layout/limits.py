# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The checks of clickhouse_layout that have a limit, and the time that everything new has to settle."""

from __future__ import annotations

from ...findings import CRITICAL, OK, WARNING
from ...limits import Check, by_name
from ..limits import ZOOHOUSE

LAGS = (
    "Beyond max_replicated_logs_to_keep it is lost and copies the whole table. If it is down: systemctl start "
    "clickhouse-server. If it runs: system.replication_queue of its server says why it does not fetch; "
    "SYSTEM START FETCHES <table>."
)
UNFETCHED = (
    "Further inserts with a quorum fail. Start the replicas that did not fetch the part it names, then on them: "
    "SYSTEM START FETCHES <table>; SYSTEM SYNC REPLICA <table>."
)
STALLED = "The cleanup is stalled. Check the error log of the leader, or SYSTEM RESTART REPLICA <table> there."
LONG = (
    "The cleanup is stalled; a statement starts it: CREATE DATABASE IF NOT EXISTS default ON CLUSTER <cluster>. Look "
    "at the oldest unfinished entries."
)
OLD = "Any ON CLUSTER statement starts the cleanup. If they stay and none is active, remove the oldest."
STUCK = (
    "Look for the statement in the log of its server and in system.processes. If it can never succeed, kill the query, "
    "remove the entry, and run the statement on this server by hand."
)

DEFAULTS = by_name(
    (
        # No check: what is younger may still change, and is not reported.
        Check("settle_time", OK, "default of replication_alter_columns_timeout", 60, "s"),
        # Beyond all of it, a replica is lost.
        Check("log_lag", CRITICAL, ZOOHOUSE, 80, "% of max_replicated_logs_to_keep", hint=LAGS),
        Check("quorum", CRITICAL, "default of insert_quorum_timeout", 600, "s", hint=UNFETCHED),
        # The leader removes the rest every minute.
        Check("blocks", WARNING, ZOOHOUSE, 10, "deduplication windows", hint=STALLED),
        Check("ddl_length", WARNING, "default of max_tasks_in_queue", 1000, "entries", hint=LONG),
        Check("ddl_age", WARNING, "default of task_max_lifetime", 7, "days", hint=OLD),
        Check("ddl_stuck", CRITICAL, "default of distributed_ddl_task_timeout", 180, "s", hint=STUCK),
    )
)
