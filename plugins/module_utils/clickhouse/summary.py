# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The figures of each replica as a report shows them: None where they are not known, never 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..limits import as_number
from .figures import Figures
from .status import ReplicaStatus


def summaries(
    statuses: Sequence[ReplicaStatus], figures: Sequence[Figures], local: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """One dict for each server. local: read_local of the host of the first one."""
    by_host = {figure.host: figure for figure in figures}
    result = [_summary(status, by_host.get(status.host, Figures(status.host))) for status in statuses]
    if result and local:
        result[0]["disk_free_bytes"] = local.get("disk_free_bytes")
        result[0]["disk_total_bytes"] = local.get("disk_total_bytes")
        result[0]["distributed_files"] = sum(queue["files"] for queue in local.get("queues") or ())
    return result


def _summary(status: ReplicaStatus, figures: Figures) -> dict[str, Any]:
    tables = figures.rows.get("tables")

    def total(column: str, combine: Any) -> float | None:
        if tables is None or "tables" in figures.errors:
            return None
        return combine([as_number(row.get(column)) or 0 for row in tables]) if tables else 0

    return {
        "host": status.host,
        "version": status.version or None,
        "error": status.ping_error or status.login_error or None,
        "uptime_s": figures.metric("Uptime"),
        "tables": total("log_lag", len),
        "readonly_tables": total("is_readonly", sum),
        "max_delay_s": total("absolute_delay", max),
        "queue_size": total("queue_size", sum),
        "queries_running": figures.metric("Query"),
        "connections_http": figures.metric("HTTPConnection"),
        "connections_tcp": figures.metric("TCPConnection"),
        "selects_total": figures.event("SelectQuery"),
        "inserts_total": figures.event("InsertQuery"),
        "zookeeper_sessions": figures.metric("ZooKeeperSession"),
        "zookeeper_requests_running": figures.metric("ZooKeeperRequest"),
        "zookeeper_avg_latency_ms": _latency(figures),
    }


def _latency(figures: Figures) -> float | None:
    """Mean time that a transaction with ZooKeeper took since the start of the server, in milliseconds."""
    transactions, waited = figures.event("ZooKeeperTransactions"), figures.event("ZooKeeperWaitMicroseconds")
    return round(waited / transactions / 1000, 3) if transactions and waited is not None else None
