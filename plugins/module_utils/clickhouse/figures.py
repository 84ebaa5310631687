# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The figures of a replica: what it does now, how far its tables are behind, and how it sees its cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..findings import CRITICAL, OK, Finding
from ..limits import Limits, as_number, check_limit
from .http import ClickHouseError, Server
from .limits import TABLE_CHECKS

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
QUERIES = {"metrics": METRICS, "tables": TABLES.format(LOG_LAG), "parts": PARTS, "queue": QUEUE, "clusters": CLUSTERS}


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


def read_figures(server: Server, name: str = "", zookeeper: bool = True) -> Figures:
    """Never raises: what a server does not answer is in the errors. Its queries run at the same time.

    zookeeper: False asks for nothing that the server reads from ZooKeeper.
    """
    queries = QUERIES if zookeeper else {**QUERIES, "tables": TABLES.format("")}

    def ask(query: str) -> tuple[list[dict], str]:
        try:
            return [row for row in server.rows(query) if isinstance(row, dict)], ""
        except (ClickHouseError, TypeError) as error:
            return [], str(error)

    with ThreadPoolExecutor(max_workers=len(queries)) as pool:
        answers = dict(zip(queries, pool.map(ask, queries.values())))
    rows = {query: answer for query, (answer, _error) in answers.items()}
    return Figures(name or server.host, rows, {query: error for query, (_rows, error) in answers.items() if error})


def read_all_figures(servers: Sequence[tuple[Server, str, bool]]) -> list[Figures]:
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
    return findings + (check_cluster(figures, cluster) if cluster and "clusters" not in figures.errors else [])


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
