# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What is below the chroot of a cluster, from one walk, in a compact form. Pure.

A walk over a Tree reads few of the znodes: how many children a log or the blocks have is in the stat of the parent, and
whether a replica is active is among the names of its children.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from .parse import fields_of, host_of, node_of, number_of, quoted, text_of

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
    """One ON CLUSTER statement. hosts: ids of the hosts that run it; empty when its znode cannot be parsed."""

    since: float
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


class Tree:
    """Collects the znodes of a walk. enter, read: what the walk has to read. known: table paths of the servers."""

    def __init__(self, root: str, paths: Paths, known: Collection[str] = ()) -> None:
        self.root, self.paths, self.known = root.rstrip("/"), paths, known
        self.znodes = 0
        self.tables: dict[str, TableZnodes] = {}
        # Replicas of Replicated databases, by path: whether each is active, and its host.
        self.databases: dict[str, dict[str, tuple[bool, str]]] = {}
        self.opaque: set[str] = set()
        # One object for all tables and replicas whose children have the same names.
        self._shared: dict[frozenset[str], frozenset[str]] = {}
        self.ddl: dict[str, DdlEntry] = {}
        self.ddl_active: dict[str, bool] = {}
        self.nodes: list[tuple[str, int | None, bool]] = []
        self.names: dict[str, frozenset[str]] = {}

    def forget(self, path: str, replica: str) -> None:
        """Leaves out a replica that was dropped during the walk, and its table when it was the last one."""
        table = self.tables.get(path)
        if table:
            table.replicas.pop(replica, None)
            if not table.replicas:
                del self.tables[path]

    def _parts(self, path: str) -> tuple[str, str, str, str, str, str]:
        """The three parents of a path, each before the name below it."""
        parent, _slash, name = path[len(self.root) :].rpartition("/")
        grand, _slash, parent_name = parent.rpartition("/")
        great, _slash, grand_name = grand.rpartition("/")
        return great, grand_name, grand, parent_name, parent, name

    def read(self, path: str) -> bool:
        great, grand_name, grand, parent_name, parent, name = self._parts(path)
        if parent in self.tables:
            return name in TABLE_READ
        if grand in self.tables:
            return parent_name == "replicas" or (parent_name == "quorum" and name in QUORUM_READ)
        if great in self.tables:
            return name in REPLICA_READ if grand_name == "replicas" else parent_name == "parallel"
        if parent in self.databases:
            return name == "replicas"
        if great in self.databases or parent in self.opaque:
            return False
        ddl = self.paths.ddl
        if ddl and parent == ddl:
            return name.startswith("query-")
        if ddl and grand == ddl:
            return name in ("active", "finished")
        if ddl and great == ddl:
            return False
        if parent and parent in (self.paths.functions, self.paths.collections):
            return False
        if self.paths.access and grand == self.paths.access:
            return False
        # ZooKeeper's own znodes.
        return not (not self.root and not parent and name == "zookeeper")

    def enter(self, path: str) -> bool:
        great, _grand_name, grand, parent_name, parent, name = self._parts(path)
        if parent in self.tables:
            return name in ("replicas", "quorum")
        if grand in self.tables:
            return parent_name == "replicas" or name == "parallel"
        # Below these everything that is read is a leaf; log, queue and parts of a table are not entered above.
        return great not in self.tables

    def add(self, znode: Any) -> None:
        """Takes the next znode of the walk."""
        self.znodes += 1
        path = znode.path[len(self.root) :]
        great, grand_name, grand, parent_name, parent, name = self._parts(znode.path)
        if parent in self.tables:
            self._add_of_table(self.tables[parent], name, znode)
        elif grand in self.tables:
            self._add_below_table(self.tables[grand], parent_name, name, znode)
        elif great in self.tables:
            self._add_of_replica(self.tables[great], grand_name, parent_name, name, znode)
        elif grand in self.databases and parent_name == "replicas":
            # Its data is the host's id: host:port:uuid of the database.
            host = host_of(text_of(znode.data).rpartition(":")[0])
            self.databases[grand][name] = ("active" in znode.children, host)
        elif self.paths.ddl and parent == self.paths.ddl:
            self._add_ddl(name, znode)
        elif self.paths.ddl and grand == self.paths.ddl and parent_name in self.ddl:
            setattr(self.ddl[parent_name], name, frozenset(znode.children))
        elif self.paths.ddl_replicas and parent == self.paths.ddl_replicas:
            self.ddl_active[name] = "active" in znode.children
        elif self.paths.discovery and parent == f"{self.paths.discovery}/shards":
            self.nodes.append((*node_of(znode.data), bool(znode.stat.ephemeralOwner)))
        else:
            self._classify(path, znode)

    def _classify(self, path: str, znode: Any) -> None:
        names = frozenset(znode.children)
        if path in (self.paths.functions, self.paths.collections, f"{self.paths.access}/uuid"):
            self.names[path] = names
        elif path in self.known or ("max_log_ptr" not in names and len(names & TABLE_MARKS) > 2):
            self.tables[path] = TableZnodes(znode.stat.ctime / 1000, self._shared.setdefault(names, names))
        elif names >= DATABASE_MARKS:
            self.databases[path] = {}
        elif names == {"metadata", "data"} and not any(known.startswith(f"{path}/") for known in self.known):
            # A KeeperMap table: its rows are not read.
            self.opaque.add(path)

    def _add_of_table(self, table: TableZnodes, name: str, znode: Any) -> None:
        if name in ("metadata", "columns"):
            table.schema[name] = hash(znode.data)
            table.schema_since[name] = znode.stat.mtime / 1000
        elif name == "log":
            # The stat counts creations and deletions; the sequence continues with the number of creations.
            table.log_next = (znode.stat.cversion + znode.stat.numChildren) // 2
        elif name in ("blocks", "async_blocks"):
            table.blocks[name] = znode.stat.numChildren

    def _add_below_table(self, table: TableZnodes, parent: str, name: str, znode: Any) -> None:
        if parent == "replicas":
            names = frozenset(znode.children)
            table.replicas[name] = ReplicaZnodes(znode.stat.ctime / 1000, self._shared.setdefault(names, names))
        elif name == "failed_parts":
            table.failed_parts = znode.stat.numChildren
        elif name == "status":
            table.quorum["quorum/status"] = znode.stat.ctime / 1000

    def _add_of_replica(self, table: TableZnodes, kind: str, parent: str, name: str, znode: Any) -> None:
        if kind == "quorum":
            table.quorum[f"quorum/{parent}/{name}"] = znode.stat.ctime / 1000
            return
        replica = table.replicas.get(parent)
        if replica is None:
            return
        if name == "host":
            values = fields_of(znode.data)
            replica.host, replica.port = values.get("host", ""), values.get("port", "")
        elif name == "log_pointer":
            replica.log_pointer = number_of(znode.data)
        elif name == "is_lost":
            replica.lost, replica.lost_since = number_of(znode.data) == 1, znode.stat.mtime / 1000
        else:
            replica.schema[name] = hash(znode.data)

    def _add_ddl(self, name: str, znode: Any) -> None:
        values = fields_of(znode.data)
        hosts = quoted(values.get("hosts", ""))
        self.ddl[name] = DdlEntry(
            znode.stat.ctime / 1000, hosts, values.get("initiator", ""), values.get("query", "")[:80]
        )
