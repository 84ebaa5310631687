# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of the servers against the inventory, and of servers against each other. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings import CRITICAL, WARNING, Finding
from ..engine import expand
from .servers import OPTIONAL_PARTS, ServerStatus
from .world import Replica, World, some

MACROS_HINT = (
    "Restore the macros with playbooks/site.yml before the server restarts: with other macros it looks for its znodes "
    "elsewhere and does not start, or detaches its parts."
)


def check_servers(world: World) -> Iterator[Finding]:
    """Each server answers; otherwise it says what could not be compared."""
    for replica in world.replicas:
        status = world.servers.get(replica.name)
        if status is None or status.error:
            found = (status.error if status else "") or "not asked"
            hint = (
                "Its tables, macros and clusters could not be compared. playbooks/health.yml says why it does not "
                "answer. Start it: systemctl start clickhouse-server, or remove it from the inventory."
            )
            yield Finding("servers", CRITICAL, replica.name, found, "an answer", hint)
            continue
        for part, error in status.errors.items():
            hint = (
                "This part could not be compared. If the user of the checks lacks a right, run playbooks/site.yml; "
                "otherwise see the log: journalctl --unit=clickhouse-server.service"
            )
            severity = WARNING if part in OPTIONAL_PARTS else CRITICAL
            yield Finding("servers", severity, replica.name, f"{part}: {error}", "an answer", hint)


def check_macros(world: World) -> Iterator[Finding]:
    for replica in world.replicas:
        status = world.servers.get(replica.name)
        if status is None or status.macros is None:
            continue
        wanted = {"cluster": world.cluster, "shard": replica.shard, "replica": replica.replica}
        for macro, value in wanted.items():
            found = status.macros.get(macro)
            if found is not None and found != value:
                yield Finding("macros", CRITICAL, replica.name, f"{macro}={found}", f"{macro}={value}", MACROS_HINT)
        yield from _check_paths(replica, status, {**status.macros, **wanted})


def _check_paths(replica: Replica, status: ServerStatus, macros: dict[str, str]) -> Iterator[Finding]:
    """The macros of the inventory lead to the znodes that each table uses."""
    for table in status.tables or ():
        database, _dot, name = table.name.partition(".")
        known = {"database": database, "table": name, **macros}
        path, own = expand(table.pattern, known).rstrip("/"), expand(table.replica_pattern, known)
        path = path if path.startswith("/") else f"/{path}"
        if not table.pattern or "{" in path + own or (path, own) == (table.path, table.replica):
            continue
        subject = f"{replica.name} {table.name}"
        found, expected = f"{table.path} as replica {table.replica}", f"{path} as replica {own}"
        yield Finding("macros", CRITICAL, subject, found, expected, MACROS_HINT)


def check_claims(world: World) -> Iterator[Finding]:
    """No two servers are the same replica of a table, and no two tables have one path."""
    for path, replicas in world.claims.items():
        for name, claims in replicas.items():
            if len(claims) > 1:
                found = " and ".join(f"{server} ({table.name})" for server, table in claims)
                hint = (
                    "Each overwrites the state of the other. On all but one of them: systemctl stop clickhouse-server. "
                    "Run playbooks/site.yml, which corrects their macros, and create the table there again."
                )
                subject = f"{path}/replicas/{name}"
                yield Finding("duplicate_replica", CRITICAL, subject, found, "one table of one server", hint)
        claims = [claim for items in replicas.values() for claim in items]
        tables = {table.name for _server, table in claims}
        if len(tables) > 1:
            same = len({server for server, _table in claims}) < len(claims)
            found = f"the tables {some(sorted(tables))}"
            hint = (
                "They replicate each other's rows. DROP TABLE one of them, and create it again under a path of its own."
                if same
                else "If it is one table that was renamed on some replicas: RENAME TABLE on the others, too."
            )
            yield Finding("shared_path", CRITICAL if same else WARNING, path, found, "one table", hint)


def check_clusters(world: World) -> Iterator[Finding]:
    """Each server's remote_servers lists the replicas of the inventory by shard, and the server knows itself."""
    wanted = {(replica.name, replica.shard) for replica in world.replicas}
    for name, status in world.servers.items():
        rows = [row for row in status.clusters or () if row[0] == world.cluster]
        if status.clusters is None:
            continue
        hosts = [host for _cluster, _number, host, _local in rows]
        unknown = sorted({host for host in hosts if host not in world.owners})
        known = {world.owners[host].name for host in hosts if host in world.owners}
        missing = sorted({replica for replica, _shard in wanted} - known)
        found = "; ".join(
            [f"without {some(missing)}"] * bool(missing) + [f"with {some(unknown)}"] * bool(unknown)
        )  # fmt: skip
        if not found:
            shards: dict[int, set[str]] = {}
            for _cluster, number, host, _local in rows:
                shards.setdefault(number, set()).add(world.owners[host].shard)
            mixed = [number for number, names in shards.items() if len(names) > 1]
            found = f"replicas of several shards in shard {mixed[0]}" if mixed else ""
        if found:
            hint = "Run playbooks/site.yml; remote_servers is reloaded within seconds."
            expected = f"the {len(world.replicas)} replicas of the inventory"
            yield Finding("clusters", CRITICAL, name, f"{world.cluster} {found}", expected, hint)
        elif not any(local for _cluster, _number, _host, local in rows):
            hint = (
                "ON CLUSTER statements will hang. Its name must resolve to an address of its own. Correct /etc/hosts, "
                "or run playbooks/site.yml, which writes it."
            )
            found = f"{world.cluster} without an entry that is_local"
            yield Finding("clusters", CRITICAL, name, found, "a server that knows itself", hint)
