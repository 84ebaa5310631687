# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of the znodes of tables and replicas. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings import CRITICAL, WARNING, Finding
from .world import CLAIMED, DOWN, RECOVERY, World, some
from .znodes import REPLICA_KNOWN, REPLICA_REQUIRED, TABLE_KNOWN, TABLE_REQUIRED, ReplicaZnodes, TableZnodes

LOST_HINT = (
    "It copies the table from another replica by itself. If it stays: free its disk, then SYSTEM RESTART REPLICA "
    "<table> on its server."
)
WINDOWS = {
    "blocks": "replicated_deduplication_window",
    "async_blocks": "replicated_deduplication_window_for_async_inserts",
}


def check_active(world: World) -> Iterator[Finding]:
    """Every replica of the inventory is active in its tables; one finding for each, with a few of the tables."""
    inactive: dict[tuple[str, str], list[str]] = {}
    total: dict[str, int] = {}
    for path in world.tables():
        for name, znodes in world.tree.tables[path].replicas.items():  # type: ignore[union-attr]
            kind = world.kind(path, name, znodes)
            if kind not in (CLAIMED, DOWN):
                continue
            servers = world.claims[path][name] if kind == CLAIMED else []
            owner = servers[0][0] if servers else world.possible(path, name, znodes)[0].name
            total[owner] = total.get(owner, 0) + 1
            if not znodes.active:
                inactive.setdefault((owner, kind), []).append(path)
    for (owner, kind), paths in inactive.items():
        found = f"not active in {len(paths)} of {total[owner]} tables: {some(paths)}"
        hint = (
            f"Start the server, on {owner}: systemctl start clickhouse-server. Until then the logs of its tables grow."
            if kind == DOWN
            else "It has lost its session or its znodes. If ZooKeeper is healthy: SYSTEM RESTART REPLICA <table>."
        )
        yield Finding("is_active", CRITICAL, owner, found, "is_active in every table", hint)


def check_replicas(world: World) -> Iterator[Finding]:
    """No replica is lost or about to be, and each has the schema of its table."""
    for path in world.tables():
        table = world.tree.tables[path]  # type: ignore[union-attr]
        for name, znodes in table.replicas.items():
            kind = world.kind(path, name, znodes)
            if kind in (CLAIMED, DOWN) and not world.fresh(znodes.since):
                subject = f"{path}/replicas/{name}"
                yield from _check_lost(world, subject, znodes)
                yield from _check_lag(world, path, subject, table, znodes)
                if znodes.active:
                    yield from _check_schema(world, subject, table, znodes)


def _check_lost(world: World, subject: str, znodes: ReplicaZnodes) -> Iterator[Finding]:
    if znodes.lost and not world.fresh(znodes.lost_since):
        yield Finding("is_lost", CRITICAL, subject, "is_lost=1", "0", LOST_HINT)


def _check_lag(world: World, path: str, subject: str, table: TableZnodes, znodes: ReplicaZnodes) -> Iterator[Finding]:
    kept = world.setting(path, "max_replicated_logs_to_keep")
    if znodes.log_pointer is None or kept is None:
        return
    lag = table.log_next - znodes.log_pointer
    percent = 100 * lag / max(kept, 1)
    check = world.beyond("log_lag", percent)
    if check:
        yield check.finding(subject, percent, found=f"{lag} entries of the log behind, {kept} are kept")


def _check_schema(world: World, subject: str, table: TableZnodes, znodes: ReplicaZnodes) -> Iterator[Finding]:
    for part in ("metadata", "columns"):
        own, wanted = znodes.schema.get(part), table.schema.get(part)
        if own is None or wanted is None or own == wanted or world.fresh(table.schema_since[part]):
            continue
        age = world.now - table.schema_since[part]
        found = f"other {part} than the table, which changed {age:.0f} s ago"
        hint = (
            "An ALTER is stuck. Check system.replication_queue and system.mutations of this replica; if nothing runs: "
            "SYSTEM RESTART REPLICA <table>."
        )
        yield Finding("alter", CRITICAL, subject, found, f"the {part} of the table", hint)


def check_tables(world: World) -> Iterator[Finding]:
    """No quorum insert hangs, the deduplication is cleaned up, and the znodes are those of a table."""
    for path in world.tables():
        table = world.tree.tables[path]  # type: ignore[union-attr]
        yield from _check_quorum(world, path, table)
        yield from _check_blocks(world, path, table)
        yield from _check_names(world, path, table)


def _check_quorum(world: World, path: str, table: TableZnodes) -> Iterator[Finding]:
    for name, since in table.quorum.items():
        age = world.now - since
        check = world.beyond("quorum", age)
        if check:
            yield check.finding(f"{path}/{name}", age, found=f"unfinished for {age:.0f} s")
    if table.failed_parts:
        found = f"{table.failed_parts} parts"
        hint = (
            "Their inserts did not reach the quorum. Insert the rows again, then delete each of them: "
            f"{world.delete(f'{path}/quorum/failed_parts/<part>')}"
        )
        yield Finding("failed_parts", WARNING, f"{path}/quorum/failed_parts", found, "none", hint)


def _check_blocks(world: World, path: str, table: TableZnodes) -> Iterator[Finding]:
    for name, count in table.blocks.items():
        window = world.setting(path, WINDOWS[name])
        if window is None:
            continue
        windows = count / max(window, 1)
        check = world.beyond("blocks", windows)
        if check:
            found = f"{count} blocks, the deduplication window is {window}"
            yield check.finding(f"{path}/{name}", windows, found=found)


def _check_names(world: World, path: str, table: TableZnodes) -> Iterator[Finding]:
    checked = [(path, table.since, table.names, TABLE_REQUIRED, TABLE_KNOWN)]
    checked += [
        (f"{path}/replicas/{name}", znodes.since, znodes.names, REPLICA_REQUIRED, REPLICA_KNOWN)
        for name, znodes in table.replicas.items()
        if world.kind(path, name, znodes) in (CLAIMED, DOWN)
    ]
    for subject, since, names, required, known in checked:
        missing, unknown = sorted(required - set(names)), sorted(set(names) - known)
        if missing and not world.fresh(since):
            hint = (
                "A server of this table will not start, or stays read-only. On the servers of this table: systemctl "
                f"stop clickhouse-server, then follow {RECOVERY}"
            )
            yield Finding(
                "missing_znodes", CRITICAL, subject, f"without {some(missing)}", "all znodes of a table", hint
            )
        if unknown:
            hint = (
                "ClickHouse up to 26.9 does not write these. Find out who did, then delete them: "
                f"{world.delete(f'{subject}/{unknown[0]}')}"
            )
            yield Finding("unknown_znodes", WARNING, subject, some(unknown), "only znodes of a table", hint)
