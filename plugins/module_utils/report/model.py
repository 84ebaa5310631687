# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The health report as data. Pure: what the hosts reported in, one dict out. The table and all files show this dict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..findings import CRITICAL, OK, SEVERITIES, WARNING
from ..topology.groups import PARTS, selected_parts
from .collect import collect
from .questions import UNKNOWN, answers, worst

# Version of the schema in docs/health-report.schema.json: it changes when a field is removed or gets another meaning.
SCHEMA_VERSION = 1
MEMBER_TEXTS = ("mode", "version", "error")
MEMBER_NUMBERS = (
    "zxid",
    "uptime_ms",
    "avg_latency",
    "max_latency",
    "outstanding_requests",
    "connections",
    "znodes",
    "data_bytes",
    "synced_followers",
)
REPLICA_TEXTS = ("version", "error")
REPLICA_NUMBERS = (
    "uptime_s",
    "tables",
    "readonly_tables",
    "max_delay_s",
    "queue_size",
    "queries_running",
    "connections_http",
    "connections_tcp",
    "selects_total",
    "inserts_total",
    "zookeeper_sessions",
    "zookeeper_requests_running",
    "zookeeper_avg_latency_ms",
    "disk_free_bytes",
    "disk_total_bytes",
    "distributed_files",
)


def build_report(
    hostvars: Mapping[str, Mapping],
    members: Sequence[str],
    replicas: Sequence[str],
    tags: Sequence[str] = (),
    skip_tags: Sequence[str] = (),
    generated: str = "",
) -> dict[str, Any]:
    """The whole report; docs/health-report.md describes the fields. generated: the time, as text."""
    wanted = selected_parts(tags, skip_tags)
    collected = collect(hostvars, members, replicas, wanted)
    hosts = list(dict.fromkeys([*members, *replicas]))
    model: Mapping = next((found for host in hosts if (found := _model(hostvars[host]))), {})
    names = _names(model, hosts)
    findings = [
        {**{key: str(value) for key, value in item.items()}, "host": names.get(str(item["subject"]).partition(" ")[0])}
        for item in collected["findings"]
    ]
    findings.sort(key=lambda item: -SEVERITIES.index(item["severity"]))
    ensemble = _ensemble(model, members, collected["ensemble"], findings, names)
    cluster = _cluster(model, hostvars, replicas, collected["replicas"], findings)
    counts = {severity: sum(item["severity"] == severity for item in findings) for severity in SEVERITIES}
    return {
        "schema_version": SCHEMA_VERSION,
        "generated": generated,
        "healthy": bool(findings) and not counts[CRITICAL],
        "severity": worst(findings),
        "counts": counts,
        "parts": [_part(name, name in wanted, findings) for name in PARTS],
        "questions": answers(findings, ensemble, cluster),
        "findings": findings,
        "ensemble": ensemble,
        "cluster": cluster,
        "orphans": [str(item) for item in collected["layout"].get("orphans") or []],
    }


def number(value: Any) -> float | int | None:
    """A figure; None when it is missing or is no number, because 0 would be a statement."""
    if isinstance(value, (bool, type(None))):
        return None
    try:
        result = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(result):
        return None
    return int(value) if isinstance(value, int) else int(result) if result.is_integer() else result


def _model(variables: Mapping) -> Mapping:
    """The topology model of a host; empty when its validation failed or its host has none."""
    model = variables.get("topology_model") or {}
    return model if isinstance(model, Mapping) and "ensemble" in model and "cluster" in model else {}


def _names(model: Mapping, hosts: Sequence[str]) -> dict[str, str]:
    """Inventory name by each name that findings may use."""
    known = [*model["ensemble"]["members"], *model["cluster"]["replicas"]] if model else []
    external = model["ensemble"]["addresses"] if model and model["ensemble"].get("external") else []
    return {
        **{str(item["host"]): str(item["host"]) for item in external},
        **{str(item["name"]): str(item["host"]) for item in known},
        **{host: host for host in hosts},
    }


def _part(name: str, selected: bool, findings: Sequence[Mapping]) -> dict[str, Any]:
    own = [item for item in findings if item["part"] == name]
    counts = {severity: sum(item["severity"] == severity for item in own) for severity in SEVERITIES}
    return {"name": name, "selected": selected, "severity": worst(own), "counts": counts}


def _figures(row: Mapping, texts: Sequence[str], numbers: Sequence[str]) -> dict[str, Any]:
    return {
        **{name: str(row[name]) if row.get(name) else None for name in texts},
        **{name: number(row.get(name)) for name in numbers},
    }


def _ensemble(
    model: Mapping, members: Sequence[str], result: Mapping, findings: Sequence[Mapping], names: Mapping[str, str]
) -> dict[str, Any]:
    known = {item["host"]: item for item in model["ensemble"]["members"]} if model else {}
    if model and model["ensemble"].get("external"):
        # Members that somebody else runs have an address instead of a host.
        known = {item["host"]: item for item in model["ensemble"]["addresses"] if not item["secure"]}
    rows = {names.get(str(row.get("host")), str(row.get("host"))): row for row in result.get("members") or []}
    leader = names.get(str(result.get("leader")))
    rendered = []
    for host in [*known, *(host for host in members if host not in known)]:
        figures = _figures(rows.get(host, {}), MEMBER_TEXTS, MEMBER_NUMBERS)
        if host == leader:
            figures["mode"] = figures["mode"] or "leader"
        own = [item for item in findings if item["host"] == host and item["part"] == "ensemble"]
        identifier = number(known.get(host, {}).get("id"))
        rendered.append({"host": host, "id": identifier, "severity": worst(own), "figures": figures})
    return {"leader": leader, "severity": worst(_of(findings, "ensemble")), "members": rendered}


def _cluster(
    model: Mapping,
    hostvars: Mapping[str, Mapping],
    replicas: Sequence[str],
    results: Mapping[str, Mapping],
    findings: Sequence[Mapping],
) -> dict[str, Any]:
    shards: dict[str, list] = {}
    names: dict[str, str] = {}
    for shard in model["cluster"]["shards"] if model else ():
        shards[str(shard["name"])] = [str(item["host"]) for item in shard["replicas"]]
        names.update({str(item["host"]): str(item["replica"]) for item in shard["replicas"]})
    placed = {host for hosts in shards.values() for host in hosts}
    for host in replicas:
        if host not in placed:
            shards.setdefault(str(hostvars[host].get("clickhouse_shard") or "?"), []).append(host)
    rendered = []
    for shard_name, hosts in shards.items():
        of_shard = []
        for host in hosts:
            rows = results.get(host, {}).get("replicas") or [{}]
            own = [item for item in findings if item["host"] == host and item["part"] != "ensemble"]
            # A host in both groups that cannot be reached has one finding for both.
            own += [item for item in findings if item["host"] == host and item["check"] == "connection"]
            figures = _figures(rows[0], REPLICA_TEXTS, REPLICA_NUMBERS)
            of_shard.append(
                {"host": host, "replica": names.get(host, host), "severity": worst(own), "figures": figures}
            )
        rendered.append({"name": shard_name, "severity": _worst_of(of_shard), "replicas": of_shard})
    name = model["cluster"]["name"] if model else None
    return {"name": name, "severity": worst(_of(findings, "replication")), "shards": rendered}


def _worst_of(rows: Sequence[Mapping]) -> str:
    """The worst severity. A replica that was not checked does not make its shard healthy."""
    order = (OK, UNKNOWN, WARNING, CRITICAL)
    return max((row["severity"] for row in rows), key=order.index, default=UNKNOWN)


def _of(findings: Sequence[Mapping], part: str) -> list[Mapping]:
    return [item for item in findings if item["part"] == part]
