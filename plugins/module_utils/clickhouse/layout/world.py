# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The three worlds that are compared: the inventory, the servers and ZooKeeper. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...limits import Check, Limits
from ..definitions import quoted
from ..features import has
from .servers import ServerStatus, ServerTable
from .tree import Tree
from .znodes import Paths, ReplicaZnodes

# What a replica in ZooKeeper is.
CLAIMED, DOWN, FRESH, FOREIGN, UNLISTED, MISSING, ORPHAN = (
    "a server has it",
    "its server could not be read",
    "it is new",
    "active, and of no host of the inventory",
    "active, but its server does not have the table",
    "its server does not have the table",
    "no host of the inventory claims it",
)
RESTORE = "SYSTEM RESTART REPLICA <table>; SYSTEM RESTORE REPLICA <table>"
RECOVERY = "docs/operating.md, A replica whose znodes are gone"


@dataclass(frozen=True)
class Replica:
    """A replica of the inventory. names: under which the cluster may know its host."""

    name: str
    shard: str
    replica: str
    names: frozenset[str]


@dataclass
class World:
    """root: the chroot. members: endpoints of the ensemble. tree: None when ZooKeeper could not be read."""

    cluster: str
    root: str
    members: Sequence[str]
    paths: Paths
    replicas: Sequence[Replica]
    servers: dict[str, ServerStatus]
    tree: Tree | None
    now: float
    limits: Limits

    def __post_init__(self) -> None:
        self.owners: dict[str, Replica] = {}
        for replica in self.replicas:
            server = self.servers.get(replica.name)
            own = {server.hostname} - {"", "localhost"} if server else set()
            self.owners.update(dict.fromkeys([*replica.names, *own], replica))
        self.claims: dict[str, dict[str, list[tuple[str, ServerTable]]]] = {}
        for status in self.servers.values():
            for table in status.tables or ():
                self.claims.setdefault(table.path, {}).setdefault(table.replica, []).append((status.name, table))
        versions = [status.version for status in self.servers.values() if status.version]
        self.version = max(versions, key=lambda version: [int(part) for part in version.split(".")[:2]], default="")

    def knows_tables(self, replica: Replica) -> bool:
        """Whether it is known which tables the server of a replica has."""
        status = self.servers.get(replica.name)
        return status is not None and status.tables is not None

    def possible(self, path: str, name: str, znodes: ReplicaZnodes) -> list[Replica]:
        """Replicas of the inventory to which a replica in ZooKeeper may belong: by its host, else by its name.

        The name counts in the shards that have the table: replicas of other shards may have the same names. A server
        that could not be read may have any table.
        """
        owner = self.owners.get(znodes.host)
        if owner:
            return [owner]
        claims = [claim for items in self.claims.get(path, {}).values() for claim in items]
        shards = {replica.shard for replica in self.replicas if any(claim[0] == replica.name for claim in claims)}
        named = [replica for replica in self.replicas if replica.replica == name]
        return [replica for replica in named if not shards or replica.shard in shards or not self.knows_tables(replica)]

    def fresh(self, since: float) -> bool:
        return "settle_time" in self.limits and self.limits["settle_time"].healthy(self.now - since)

    def beyond(self, name: str, value: float) -> Check | None:
        """The check, if the value is beyond its limit."""
        check = self.limits.get(name)
        return None if check is None or check.healthy(value) else check

    def kind(self, path: str, name: str, znodes: ReplicaZnodes) -> str:
        """What a replica in ZooKeeper is: CLAIMED, DOWN ..."""
        if self.claims.get(path, {}).get(name):
            return CLAIMED
        possible = self.possible(path, name, znodes)
        if not all(map(self.knows_tables, possible)):
            return DOWN
        if self.fresh(znodes.since):
            return FRESH
        if znodes.active:
            return UNLISTED if possible else FOREIGN
        return MISSING if possible else ORPHAN

    def is_orphan_table(self, path: str) -> bool:
        """Whether nobody has the table: neither a server that answers, nor one that could not be read."""
        table = self.tree.tables[path] if self.tree else None
        if table is None or self.claims.get(path) or self.fresh(table.since):
            return False
        if not table.replicas:
            return all(map(self.knows_tables, self.replicas))
        return all(self.kind(path, name, item) in (MISSING, ORPHAN) for name, item in table.replicas.items())

    def setting(self, path: str, name: str) -> int | None:
        """A setting of MergeTree for a table: the largest that its servers have; None when no server says it."""
        values = []
        for claims in self.claims.get(path, {}).values():
            for server, table in claims:
                value = table.settings.get(name, self.servers[server].settings.get(name))
                values += [] if value is None else [value]
        return max(values, default=None)

    def healthy_server(self) -> str:
        return next((status.name for status in self.servers.values() if status.version), "a healthy replica")

    def delete(self, path: str, chroot: bool = True) -> str:
        """A command that deletes a path below the chroot. chroot: False for a path from the root of the ensemble."""
        arguments = {
            "hosts": list(self.members),
            "path": f"{self.root.rstrip('/') if chroot else ''}{path}",
            "state": "absent",
            "recursive": True,
        }
        return f"ansible 'zookeeper[0]' -m zoohouse.cluster.zookeeper_znode -a {shlex.quote(json.dumps(arguments))}"

    def drop_replica(self, path: str, name: str) -> str:
        """A command that removes a replica of a table from ZooKeeper, in the way of the servers' version."""
        if self.version and has(self.version, "system_drop_replica"):
            return f"SYSTEM DROP REPLICA {literal(name)} FROM ZKPATH {literal(path)}"
        return self.delete(f"{path}/replicas/{name}")

    def drop_table(self, path: str) -> str:
        """A command that removes a table from ZooKeeper. With SYSTEM DROP REPLICA, the last replica takes the table."""
        names = list(self.tree.tables[path].replicas) if self.tree else []
        if names and self.version and has(self.version, "system_drop_replica"):
            return "; ".join(self.drop_replica(path, name) for name in names)
        return self.delete(path)

    def restore(self, table: str, version: str) -> str:
        """How to recover a table whose znodes are gone, in the way of the version of its server."""
        if version and has(version, "system_restore_replica"):
            return RESTORE.replace("<table>", ".".join(map(quoted, table.split(".", 1))))
        return f"systemctl stop clickhouse-server, then follow {RECOVERY}"

    def tables(self) -> Iterator[str]:
        """Paths of the tables in ZooKeeper that are not orphans."""
        return (path for path in (self.tree.tables if self.tree else ()) if not self.is_orphan_table(path))


def literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def some(items: Sequence[str], count: int | None = None) -> str:
    """A few of the items, and how many there are more."""
    more = (len(items) if count is None else count) - 3
    return ", ".join(items[:3]) + (f" and {more} more" if more > 0 else "")
