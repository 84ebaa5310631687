# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What is below the chroot of a cluster, from one walk, in a compact form. Pure.

A walk over a Tree reads few of the znodes: how many children a log or the blocks have is in the stat of the parent, and
whether a replica is active is among the names of its children.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ...registry.read import RegistryZnode
from .parse import fields_of, host_of, node_of, number_of, quoted, text_of
from .znodes import (
    DATABASE_MARKS,
    QUORUM_READ,
    REPLICA_READ,
    TABLE_MARKS,
    TABLE_READ,
    DdlEntry,
    Paths,
    ReplicaZnodes,
    TableZnodes,
)


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
        # From elsewhere: the registry is not below the chroot.
        self.registry: list[RegistryZnode] = []

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
            return True
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
        elif self.paths.ddl and parent == self.paths.ddl and path != self.paths.ddl_replicas:
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
        since, initiator, query = (
            znode.stat.ctime / 1000,
            values.get("initiator", ""),
            _harmless(values.get("query", "")),
        )
        self.ddl[name] = DdlEntry(since, znode.stat.czxid, hosts, initiator, query)


def _harmless(query: str) -> str:
    """The beginning of a statement, without its literals: they may be passwords."""
    return query.partition("'")[0][:80].rstrip()
