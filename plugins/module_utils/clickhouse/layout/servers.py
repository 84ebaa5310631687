# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What the servers know about replicated tables, as they report it. All of them are asked at the same time.

Nothing here makes a server read ZooKeeper: on 18.16 such a query fails as a whole once znodes of one table are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from ..engine import engine_of
from ..features import has
from ..figures import CLUSTERS
from ..http import ClickHouseError, Server
from ..status import ENGINES, MACROS

IDENTITY = "SELECT version() AS version, hostName() AS hostname"
REPLICAS = "SELECT database, table, zookeeper_path, replica_name FROM system.replicas"
SETTINGS_READ = ("max_replicated_logs_to_keep", "replicated_deduplication_window",
                 "replicated_deduplication_window_for_async_inserts")  # fmt: skip
SETTINGS = f"SELECT name, value FROM system.merge_tree_settings WHERE name IN {SETTINGS_READ!r}"
FUNCTIONS = "SELECT name FROM system.functions WHERE origin = 'SQLUserDefined'"
COLLECTIONS = "SELECT name FROM system.named_collections"
ENTITIES = " UNION ALL ".join(
    f"SELECT toString(id) AS name FROM system.{table} WHERE storage IN "
    "(SELECT name FROM system.user_directories WHERE type = 'replicated')"
    for table in ("users", "roles", "settings_profiles", "row_policies", "quotas")
)


# Parts that a cluster may not have in ZooKeeper. Their queries need rights that the others do not.
OPTIONAL_PARTS = ("functions", "collections", "access")


class ServerTable(NamedTuple):
    """A replicated table as a server has it. pattern, replica_pattern: as it was created, with macros."""

    name: str
    path: str
    replica: str
    pattern: str = ""
    replica_pattern: str = ""
    settings: Mapping[str, int] = MappingProxyType({})


@dataclass
class ServerStatus:
    """What one server answered. A part that is None was not read; errors says why, by part.

    tables, macros, clusters (rows), settings (of MergeTree); functions, collections, access: names of what it
    has from ZooKeeper.
    """

    name: str
    error: str = ""
    version: str = ""
    hostname: str = ""
    tables: list[ServerTable] | None = None
    macros: dict[str, str] | None = None
    clusters: list[tuple[str, int, str, bool]] | None = None
    settings: dict[str, int] = field(default_factory=dict)
    functions: frozenset[str] | None = None
    collections: frozenset[str] | None = None
    access: frozenset[str] | None = None
    errors: dict[str, str] = field(default_factory=dict)


def read_servers(servers: Sequence[tuple[Server, str]], parts: Sequence[str]) -> list[ServerStatus]:
    """The status of each server, by the name of its replica. parts: which of functions, collections, access to read."""
    with ThreadPoolExecutor(max_workers=max(1, len(servers))) as pool:
        return list(pool.map(lambda item: read_server(item[0], item[1], parts), servers))


def dropped_tables(before: list[ServerStatus], after: list[ServerStatus]) -> dict[str, list[ServerTable]]:
    """Tables that a server had at first and does not have any more, by server."""
    tables = {status.name: set(map(_identity, status.tables)) for status in after if status.tables is not None}
    return {
        status.name: [table for table in status.tables or () if _identity(table) not in tables[status.name]]
        for status in before
        if status.name in tables
    }


def without(statuses: list[ServerStatus], dropped: dict[str, list[ServerTable]]) -> list[ServerStatus]:
    """The statuses without these tables."""
    gone = {name: set(map(_identity, tables)) for name, tables in dropped.items()}
    return [
        replace(
            status,
            tables=[table for table in status.tables if _identity(table) not in gone.get(status.name, ())]
            if status.tables is not None
            else None,
        )
        for status in statuses
    ]


def _identity(table: ServerTable) -> tuple[str, str, str]:
    return table[:3]


def read_server(server: Server, name: str, parts: Sequence[str] = ()) -> ServerStatus:
    """Never raises for an unhealthy server."""
    status = ServerStatus(name)

    def read(part: str, query: Callable[[], Any]) -> None:
        try:
            setattr(status, part, query())
        except ClickHouseError as error:
            status.errors[part] = str(error)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            status.errors[part] = f"unexpected answer: {error!r}"

    def names(query: str) -> frozenset[str]:
        return frozenset(str(row["name"]) for row in server.rows(query))

    def identity() -> str:
        row = server.rows(IDENTITY)[0]
        status.hostname = str(row["hostname"])
        has(row["version"], "system_drop_replica")
        return str(row["version"])

    read("version", identity)
    if status.errors:
        status.error, status.version = status.errors.pop("version"), ""
        return status
    read("macros", lambda: {str(row["macro"]): str(row["substitution"]) for row in server.rows(MACROS)})
    read("settings", lambda: {row["name"]: int(row["value"]) for row in server.rows(SETTINGS)})
    read("clusters", lambda: [_cluster_row(row) for row in server.rows(CLUSTERS)])
    read("tables", lambda: _tables(server, status.version))
    source = " WHERE source = 'SQL'" if has(status.version, "collections_source") else ""
    for part, query in (("functions", FUNCTIONS), ("collections", COLLECTIONS + source), ("access", ENTITIES)):
        if part in parts and has(status.version, f"{part}_in_zookeeper"):
            read(part, partial(names, query))
    return status


def _cluster_row(row: dict) -> tuple[str, int, str, bool]:
    return str(row["cluster"]), int(row["shard_num"]), str(row["host_name"]), bool(int(row["is_local"]))


def _tables(server: Server, version: str) -> list[ServerTable]:
    engines = {(row["database"], row["name"]): engine_of(row["engine_full"]) for row in server.rows(ENGINES)}
    # Tables in another ensemble are not below this chroot.
    where = " WHERE zookeeper_name = 'default'" if has(version, "replicas_zookeeper_name") else ""
    return [
        ServerTable(
            f"{row['database']}.{row['table']}",
            str(row["zookeeper_path"]),
            str(row["replica_name"]),
            *engines.get((row["database"], row["table"]), ("", "", {})),
        )
        for row in server.rows(REPLICAS + where)
    ]
