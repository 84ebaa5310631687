# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Limits of the figures of a replica."""

from __future__ import annotations

from ..findings import CRITICAL
from ..limits import Limit

DOCS = "ClickHouse documentation, system.replicas"
ALTINITY = "Altinity's ClickHouse alert rules"
BEHIND = "It is catching up, or cannot: system.replication_queue on the replica has the last exception."
MERGES = "Merges do not keep up: insert larger blocks, or use coarser partitions."
SESSIONS = "It lost its session and opened another one; see its error log."
SUSPECTED = "Parts may be damaged; see the error log of the replica."
DETACHED = "The server set parts aside: look into the directory detached of the table, then attach or remove them."
BACKLOG = (
    "Its replicas are down or slow, or reject the login; until then these acknowledged rows are only on this host."
)

# Figures of one replicated table: columns of system.replicas, and log_lag, which is log_max_index - log_pointer.
TABLE_LIMITS = (
    Limit("future_parts", 20, "parts", DOCS, BEHIND),
    Limit("parts_to_check", 10, "parts", DOCS, SUSPECTED),
    Limit("queue_size", 20, "entries", DOCS, BEHIND),
    Limit("inserts_in_queue", 10, "entries", DOCS, BEHIND),
    Limit("log_lag", 10, "entries", DOCS, BEHIND),
)
# Figures of the whole server.
SERVER_LIMITS = (
    Limit("zookeeper_sessions", 1, "sessions", ALTINITY, SESSIONS),
    Limit("parts_per_partition", 100, "parts", ALTINITY, MERGES),
    Limit("queue_tries", 100, "tries", ALTINITY, BEHIND),
    Limit("queue_postponed", 1000, "times", ALTINITY, BEHIND),
)
# Figures that only the host itself knows.
HOST_LIMITS = (
    Limit("distributed_queue", 50, "blocks", ALTINITY, BACKLOG),
    Limit("distributed_age", 300, "s", "the limit of the delay of a table", BACKLOG, CRITICAL),
    Limit("detached_parts", 0, "parts", ALTINITY, DETACHED),
    Limit("disk_used", 80, "%", "the limit of ZooKeeper's disk", "Free space, or add a disk."),
    Limit("disk_full", 95, "%", "merges write before they free", "Free space now: inserts and merges stop.", CRITICAL),
)
LIMITS = TABLE_LIMITS + SERVER_LIMITS + HOST_LIMITS
