# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The report as one HTML page that needs no other file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .picture import BOX_HEIGHT, BOX_WIDTH, draw

HERE = os.path.dirname(__file__)
# Characters that HTML does not allow, and those that change the direction of the text around them.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
# Widths of the picture: of a screen or a sheet of paper, and of a phone.
WIDTHS = {"wide": 1040, "narrow": 356}
# Findings that the page shows of each kind: a browser shows a page with some hundreds at once, all are in health.json.
LIMIT = 500
# Figures: field, title.
MEMBER_COLUMNS = (
    ("mode", "Mode"),
    ("version", "Version"),
    ("uptime_ms", "Up"),
    ("avg_latency", "Latency, ms"),
    ("max_latency", "Latency max, ms"),
    ("outstanding_requests", "Outstanding"),
    ("connections", "Connections"),
    ("synced_followers", "Synced followers"),
    ("znodes", "Znodes"),
    ("data_bytes", "Data"),
    ("zxid", "Zxid"),
)
REPLICA_COLUMNS = (
    ("version", "Version"),
    ("uptime_s", "Up"),
    ("zookeeper_sessions", "Sessions"),
    ("tables", "Tables"),
    ("readonly_tables", "Readonly"),
    ("max_delay_s", "Lag, s"),
    ("queue_size", "Queue"),
    ("zookeeper_avg_latency_ms", "ZooKeeper, ms"),
    ("zookeeper_requests_running", "ZooKeeper requests"),
    ("distributed_files", "Distributed blocks"),
    ("disk_free_bytes", "Disk free"),
    ("disk_total_bytes", "Disk"),
)
LOAD_COLUMNS = (
    ("queries_running", "Running"),
    ("connections_http", "HTTP"),
    ("connections_tcp", "TCP"),
    ("selects_total", "Selects"),
    ("inserts_total", "Inserts"),
)


def render_html(report: Mapping[str, Any]) -> str:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["figure"] = figure
    environment.filters["share"] = share
    text = environment.get_template("health.html.j2").render(
        report=clean(report),
        pictures={name: draw(clean(report), width) for name, width in WIDTHS.items()},
        box={"width": BOX_WIDTH, "height": BOX_HEIGHT},
        limit=LIMIT,
        shards=totals(report),
        member_columns=MEMBER_COLUMNS,
        replica_columns=REPLICA_COLUMNS,
        load_columns=LOAD_COLUMNS,
    )
    return str(text)


def clean(value: Any) -> Any:
    """The same data, without characters that a page cannot hold."""
    if isinstance(value, str):
        return UNPRINTABLE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {key: clean(item) for key, item in value.items()}
    return [clean(item) for item in value] if isinstance(value, list) else value


def figure(value: Any, name: str) -> str:
    """A figure as text, with a unit where its column has none."""
    if value is None:
        return "unknown"
    if isinstance(value, str):
        return value
    if name == "zxid":
        return hex(value) if isinstance(value, int) and value >= 0 else str(value)
    if name in ("uptime_ms", "uptime_s"):
        return duration(value / 1000 if name == "uptime_ms" else value)
    if name.endswith("_bytes"):
        return size(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def duration(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"


def size(value: float) -> str:
    for unit, length in (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if value >= length:
            return f"{value / length:.1f} {unit}"
    return f"{value:g} B"


def totals(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The load of each shard: the sum over its replicas; None when a value is missing."""
    result = []
    for shard in report["cluster"]["shards"]:
        rows = [row["figures"] for row in shard["replicas"]]
        columns = {name: [row[name] for row in rows] for name, _title in LOAD_COLUMNS}
        sums = {name: None if None in values else sum(values) for name, values in columns.items()}
        result.append({"figures": sums})
    return result


def share(value: Any, name: str, replicas: list[Mapping[str, Any]]) -> float | None:
    """The share of a replica in its shard, 0 to 1; None when a value is missing."""
    values = [row["figures"][name] for row in replicas]
    total = sum(item for item in values if item is not None)
    return None if value is None or any(item is None for item in values) or total <= 0 else value / total
