# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The checks of clickhouse_health that have a limit."""

from __future__ import annotations

from ..findings import CRITICAL, WARNING
from ..limits import Check, by_name

DOCS = "ClickHouse documentation, system.replicas"
ALTINITY = "Altinity's ClickHouse alert rules"
ZOOHOUSE = "Zoohouse"
BEHIND = "It is catching up, or cannot: system.replication_queue on the replica has the last exception."
DELAYED = "It is fetching what it missed, or waiting for the session of its previous process to expire."
ALONE = (
    "No other replica has its rows. Create the table on the other replicas of the shard, with the same path in "
    "ZooKeeper: a path with the macro replica is another one on each of them."
)
MERGES = "Merges do not keep up: insert larger blocks, or use coarser partitions."
SESSIONS = "It lost its session and opened another one; see its error log."
SUSPECTED = "Parts may be damaged; see the error log of the replica."
DETACHED = "The server set parts aside: look into the directory detached of the table, then attach or remove them."
BACKLOG = (
    "Its replicas are down or slow, or reject the login; until then these acknowledged rows are only on this host."
)
REJECTED = "Its replicas do not take its blocks: SELECT * FROM system.distribution_queue on the server says more."
BROKEN = (
    "The server has given up these blocks of acknowledged rows: the error log says why. Move them from broken/ back "
    "into the directory above it, or insert the rows again; then remove them."
)
FULL = "Free space now: merges write before they free, then inserts and merges stop."

# Figures of one replicated table: columns of system.replicas, and log_lag, which is log_max_index - log_pointer.
TABLE_CHECKS = (
    Check("future_parts", WARNING, DOCS, 20, "parts", hint=BEHIND),
    Check("parts_to_check", WARNING, DOCS, 10, "parts", hint=SUSPECTED),
    Check("queue_size", WARNING, DOCS, 20, "entries", hint=BEHIND),
    Check("inserts_in_queue", WARNING, DOCS, 10, "entries", hint=BEHIND),
    Check("log_lag", WARNING, DOCS, 10, "entries", hint=BEHIND),
)
CHECKS = (
    Check("delay", CRITICAL, ALTINITY, 300, "s", hint=DELAYED),
    Check("total_replicas", WARNING, DOCS, 2, "replicas", least=True, hint=ALONE),
    *TABLE_CHECKS,
    # Figures of the whole server.
    Check("zookeeper_sessions", WARNING, ALTINITY, 1, "sessions", hint=SESSIONS),
    Check("parts_per_partition", WARNING, ALTINITY, 100, "parts", hint=MERGES),
    Check("queue_tries", WARNING, ALTINITY, 100, "tries", hint=BEHIND),
    Check("queue_postponed", WARNING, ALTINITY, 1000, "times", hint=BEHIND),
    # Figures that the host itself knows, or that newer servers tell.
    Check("distributed_queue", WARNING, ALTINITY, 50, "blocks", hint=BACKLOG),
    Check("distributed_age", CRITICAL, f"{ZOOHOUSE}, as for delay", 300, "s", hint=BACKLOG),
    Check("distributed_broken", CRITICAL, ZOOHOUSE, 0, "blocks", hint=BROKEN),
    Check("distributed_errors", WARNING, ZOOHOUSE, 10, "errors", hint=REJECTED),
    Check("detached_parts", WARNING, ALTINITY, 0, "parts", hint=DETACHED),
    Check("disk_used", WARNING, f"{ZOOHOUSE}, as for ZooKeeper", 80, "%", hint="Free space, or add a disk."),
    Check("disk_full", CRITICAL, ZOOHOUSE, 95, "%", hint=FULL),
)
DEFAULTS = by_name(CHECKS)
