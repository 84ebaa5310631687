# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The znodes that a cluster has, and the compact form in which a walk keeps them. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

# Znodes of a table that every version creates. A server does not start a table without them.
TABLE_REQUIRED = frozenset(["metadata", "columns", "log", "blocks", "block_numbers", "replicas", "quorum", "mutations"])
# All others, of any version: 18.16, then 24.x to 26.9.
TABLE_KNOWN = TABLE_REQUIRED | {
    "nonincrement_block_numbers",
    "leader_election",
    "temp",
    "flags",
    "async_blocks",
    "alter_partition_version",
    "pinned_part_uuids",
    "part_moves_shard",
    "lost_part_count",
    "table_shared_id",
    "deduplication_hashes",
    "lightweight_updates",
    "zero_copy_s3",
    "zero_copy_hdfs",
    "dropped",
}
REPLICA_REQUIRED = frozenset(["host", "log_pointer", "queue", "parts", "metadata", "columns"])
REPLICA_KNOWN = REPLICA_REQUIRED | {
    "flags",
    "is_lost",
    "is_active",
    "min_unprocessed_insert_time",
    "max_processed_insert_time",
    "mutation_pointer",
    "metadata_version",
    "creator_info",
}
# What is read below a table, and below a replica.
TABLE_READ = frozenset(["replicas", "quorum", "metadata", "columns", "log", "blocks", "async_blocks"])
REPLICA_READ = frozenset(["host", "log_pointer", "is_lost", "metadata", "columns"])
QUORUM_READ = frozenset(["status", "failed_parts", "parallel"])
# A path with most of these is a table, unless it is a Replicated database.
TABLE_MARKS = frozenset(["metadata", "columns", "log", "blocks", "block_numbers", "mutations", "leader_election"])
DATABASE_MARKS = frozenset(["replicas", "log", "max_log_ptr"])


@dataclass
class ReplicaZnodes:
    """One replica of a table. since: when it was created. schema: hashes of its metadata and its columns."""

    since: float
    names: Collection[str]
    host: str = ""
    port: str = ""
    log_pointer: int | None = None
    lost: bool = False
    lost_since: float = 0.0
    schema: dict[str, int] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        return "is_active" in self.names


@dataclass
class TableZnodes:
    """One table. log_next: index of the next entry of its log. schema_since: when metadata and columns changed."""

    since: float
    names: Collection[str]
    replicas: dict[str, ReplicaZnodes] = field(default_factory=dict)
    log_next: int = 0
    blocks: dict[str, int] = field(default_factory=dict)
    schema: dict[str, int] = field(default_factory=dict)
    schema_since: dict[str, float] = field(default_factory=dict)
    # When each unfinished quorum insert began, by its path below the table.
    quorum: dict[str, float] = field(default_factory=dict)
    failed_parts: int = 0


@dataclass
class DdlEntry:
    """One ON CLUSTER statement. created: zxid. hosts: ids of the hosts that run it; empty when it cannot be parsed."""

    since: float
    created: int = 0
    hosts: tuple[str, ...] = ()
    initiator: str = ""
    query: str = ""
    active: frozenset[str] = frozenset()
    finished: frozenset[str] = frozenset()


@dataclass
class Paths:
    """Paths relative to the chroot; empty where the cluster does not use it."""

    ddl: str = ""
    ddl_replicas: str = ""
    functions: str = ""
    collections: str = ""
    access: str = ""
    discovery: str = ""
    # Not below the chroot.
    registry: str = ""
