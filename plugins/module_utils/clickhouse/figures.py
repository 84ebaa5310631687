# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The figures of a replica: what it does now, how far its tables are behind, and how it sees its cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..findings import CRITICAL, OK, Finding
from ..limits import Limits, as_number, check_limit
from .features import has
from .http import ClickHouseError, Server
from .limits import REJECTED, TABLE_CHECKS

# All three have a name and a number.
METRICS = """\
SELECT metric AS name, toFloat64(value) AS number FROM system.metrics
UNION ALL SELECT event, toFloat64(value) FROM system.events
UNION ALL SELECT metric, toFloat64(value) FROM system.asynchronous_metrics"""
TABLES = """\
SELECT database, table, absolute_delay, is_readonly, future_parts, parts_to_check, queue_size, inserts_in_queue{}
FROM system.replicas"""
# The server reads these columns from ZooKeeper.
LOG_LAG = ", toInt64(log_max_index) - toInt64(log_pointer) AS log_lag"
PARTS = """\
SELECT database, table, partition, count() AS parts FROM system.parts WHERE active
GROUP BY database, table, partition ORDER BY parts DESC LIMIT 1"""
QUEUE = """\
SELECT max(num_tries) AS tries, max(num_postponed) AS postponed, argMax(last_exception, num_tries) AS exception
FROM system.replication_queue"""
CLUSTERS = "SELECT cluster, shard_num, host_name, port, is_local FROM system.clusters"
# The queues of Distributed tables: one row for each directory that has blocks.
DISTRIBUTION = """\
SELECT database, table, sum(error_count) AS errors, sum(broken_data_files) AS broken,
argMax(last_exception, error_count) AS exception
FROM system.distribution_queue GROUP BY database, table"""
DISKS = "SELECT name, toFloat64(free_space) AS free, toFloat64(total_space) AS total FROM system.disks"
DETACHED = "SELECT count() AS parts FROM system.detached_parts"
QUERIES = {"metrics": METRICS, "tables": TABLES.format(LOG_LAG), "parts": PARTS, "queue": QUEUE, "clusters": CLUSTERS}
# Queries of the versions that have a feature.
NEWER_QUERIES = {
    "distribution": ("system_distribution_queue", DISTRIBUTION),
    "disks": ("system_disks", DISKS),
    "detached": ("system_detached_parts", DETACHED),
}
# Characters of an exception that are shown.
LONGEST = 300
# Bytes. A disk that claims more is an object storage, which is never full.
ENDLESS = float(1 << 60)


@dataclass(frozen=True)
class Figures:
    """Rows of each query; errors by query."""

    host: str
    rows: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def metric(self, name: str) -> float | None:
        """A metric or an event. An event that has not happened yet is not in the table."""
        return next(
            (as_number(row.get("number")) for row in self.rows.get("metrics", ()) if row.get("name") == name), None
        )

    def event(self, name: str) -> float | None:
        return (self.metric(name) or 0.0) if self.rows.get("metrics") else None


def read_figures(server: Server, name: str = "", zookeeper: bool = True, version: str = "") -> Figures:
    """Never raises: what a server does not answer is in the errors. Its queries run at the same time.

    zookeeper: False asks for nothing that the server reads from ZooKeeper. version: of the server; without one, it is
    asked only what all versions answer.
    """
    queries = {**QUERIES, **({} if zookeeper else {"tables": TABLES.format("")}), **_newer_queries(version)}

    def ask(query: str) -> tuple[list[dict], str]:
        try:
            return [row for row in server.rows(query) if isinstance(row, dict)], ""
        except (ClickHouseError, TypeError) as error:
            return [], str(error)

    with ThreadPoolExecutor(max_workers=len(queries)) as pool:
        answers = dict(zip(queries, pool.map(ask, queries.values())))
    rows = {query: answer for query, (answer, _error) in answers.items()}
    return Figures(name or server.host, rows, {query: error for query, (_rows, error) in answers.items() if error})


def _newer_queries(version: str) -> dict[str, str]:
    try:
        return {name: query for name, (feature, query) in NEWER_QUERIES.items() if has(version, feature)}
    except ValueError:
        # No version.
        return {}


def read_all_figures(servers: Sequence[tuple[Server, str, bool, str]]) -> list[Figures]:
    """The figures of each server, as read_figures does. All servers are asked at the same time."""
    with ThreadPoolExecutor(max_workers=max(1, len(servers))) as pool:
        return list(pool.map(lambda server: read_figures(*server), servers))


def check_figures(figures: Figures, limits: Limits, cluster: str = "") -> list[Finding]:
    """The figures of the server and of each table are within their limits, and it finds itself in its cluster.

    cluster: name in remote_servers; empty does not check it.
    """
    host = figures.host
    hint = "Some checks were not made; the message says why."
    findings = [
        Finding("figures", CRITICAL, host, f"{query}: {error}", "an answer", hint)
        for query, error in figures.errors.items()
        # check_replica reads that table as well.
        if query != "tables"
    ]
    parts, queue = (next(iter(figures.rows.get(query, ())), {}) for query in ("parts", "queue"))
    server = {
        "zookeeper_sessions": figures.metric("ZooKeeperSession"),
        "parts_per_partition": parts.get("parts"),
        "queue_tries": queue.get("tries"),
        "queue_postponed": queue.get("postponed"),
    }
    for name, figure in server.items():
        findings += check_limit(limits, name, host, figure)
    for table in figures.rows.get("tables", ()):
        subject = f"{host} {table.get('database')}.{table.get('table')}"
        for check in TABLE_CHECKS:
            findings += check_limit(limits, check.name, subject, table.get(check.name))
    findings += [*_check_storage(figures, limits), *_check_distributed(figures, limits)]
    return findings + (check_cluster(figures, cluster) if cluster and "clusters" not in figures.errors else [])


def _check_storage(figures: Figures, limits: Limits) -> Iterator[Finding]:
    """Each local disk has room, and no disk has parts that were set aside."""
    for disk in figures.rows.get("disks", ()):
        free, total = as_number(disk.get("free")), as_number(disk.get("total"))
        if free is None or not total or not 0 < total < ENDLESS:
            continue
        # The default disk is the data directory.
        subject = figures.host if disk.get("name") == "default" else f"{figures.host} disk {disk.get('name')}"
        for check in ("disk_used", "disk_full"):
            yield from check_limit(limits, check, subject, round(100 * (1 - free / total), 1))
    for row in figures.rows.get("detached", ()):
        yield from check_limit(limits, "detached_parts", figures.host, row.get("parts"))


def _check_distributed(figures: Figures, limits: Limits) -> Iterator[Finding]:
    """Distributed tables send without errors, and have given up no block."""
    for row in figures.rows.get("distribution", ()):
        subject = f"{figures.host} {row.get('database')}.{row.get('table')}"
        yield from check_limit(limits, "distributed_broken", subject, row.get("broken"))
        exception = " ".join(str(row.get("exception") or "").split())[:LONGEST]
        hint = f"{REJECTED} The last one: {exception}" if exception else ""
        yield from check_limit(limits, "distributed_errors", subject, row.get("errors"), hint)


def check_cluster(figures: Figures, cluster: str) -> list[Finding]:
    """The server knows the cluster and recognises itself in exactly one shard.

    A server that does not recognise itself never executes ON CLUSTER statements. 18.16 marks all replicas of its own
    shard as local, newer versions only itself.
    """
    rows = [row for row in figures.rows.get("clusters", ()) if row.get("cluster") == cluster]
    if not rows:
        hint = "Check config.d/remote_servers.xml on the host."
        return [Finding("cluster", CRITICAL, figures.host, f"no cluster {cluster}", f"the cluster {cluster}", hint)]
    local = sorted({str(row.get("shard_num")) for row in rows if as_number(row.get("is_local"))})
    found = f"itself in shard {', '.join(local)} of {cluster}" if local else f"itself in no shard of {cluster}"
    expected = f"itself in one shard of {cluster}"
    if len(local) == 1:
        return [Finding("cluster", OK, figures.host, found, expected)]
    hint = "Its name in remote_servers must lead to an address of its own, not to 127.0.1.1 or to another host."
    return [Finding("cluster", CRITICAL, figures.host, found, expected, hint)]
