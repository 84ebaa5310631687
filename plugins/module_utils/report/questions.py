# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What operators ask when ClickHouse and ZooKeeper do not work together, and the answers of a report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ..findings import OK, SEVERITIES, WARNING

# Nothing was checked: that is not ok.
UNKNOWN = "unknown"
# The busiest replica of a shard against the least busy one. Source: ours; a balancer that works stays below 1.5.
UNEVEN_RATIO = 3.0
# Selects per second of the busiest replica, since its start. Below, the spread says nothing. Source: ours.
UNEVEN_RATE = 1.0
TITLES = {
    "integration": "Is the integration up?",
    "metadata": "Is the metadata in sync?",
    "load": "Is the load spread over the replicas?",
    "latency": "Is it slow, and where?",
}
# Question of a check; of other checks, that of their part.
CHECKS = {"ddl_queue": "integration", "membership": "metadata", "identity": "metadata", "replicated_tables": "metadata"}
# Names of checks that say how slow it is, such as avg_latency and queue_size.
SLOW = re.compile("latency|fsync|delay|outstanding|pending|queue_size|_queue$")
PARTS = {"ensemble": "integration", "replication": "integration", "layout": "metadata", "drift": "metadata"}


# The parts without which a question has no answer. A problem that was found is an answer.
NEEDED = {
    "integration": ("ensemble", "replication"),
    "metadata": ("layout", "drift"),
    "latency": ("ensemble", "replication"),
}


def answers(findings: Sequence[Mapping], ensemble: Mapping, cluster: Mapping) -> list[dict[str, str]]:
    """The four questions, each with a severity and an answer. What was not checked is unknown."""
    replicas = [replica for shard in cluster["shards"] for replica in shard["replicas"]]
    facts = {
        "integration": _integration(findings, ensemble["members"], replicas),
        "latency": _slowest(ensemble["members"], replicas),
    }
    checked = {item["part"] for item in findings}
    result = []
    for name, title in TITLES.items():
        if name == "load":
            severity, answer = _load(cluster["shards"])
        else:
            own = [item for item in findings if question_of(item["check"], item["part"]) == name]
            missing = [part for part in NEEDED[name] if part not in checked]
            severity = UNKNOWN if missing and worst(own) == OK else worst(own)
            absent = f"not checked: {', '.join(missing)}" if own and missing else ""
            answer = "; ".join(filter(None, [_summary(own), absent, facts.get(name, "")]))
        result.append({"name": name, "title": title, "severity": severity, "answer": answer + "."})
    return result


def worst(findings: Iterable[Mapping]) -> str:
    """The worst severity; without findings it is unknown."""
    found = [SEVERITIES.index(item["severity"]) for item in findings]
    return SEVERITIES[max(found)] if found else UNKNOWN


def _summary(findings: Sequence[Mapping]) -> str:
    bad = [item for item in findings if item["severity"] != OK]
    if not findings:
        return "Not checked"
    if not bad:
        return f"{len(findings)} {'check' if len(findings) == 1 else 'checks'}, no problem"
    names = ", ".join(dict.fromkeys(item["check"] for item in bad))
    return f"{len(bad)} of {len(findings)} checks found a problem: {names}"


def question_of(check: str, part: str) -> str:
    """The question that a finding belongs to."""
    if check in CHECKS:
        return CHECKS[check]
    return "latency" if SLOW.search(check) and PARTS[part] == "integration" else PARTS[part]


def hosts_with(findings: Sequence[Mapping], check: str) -> tuple[int, str]:
    """On how many hosts a check found no problem, and the worst severity of this check."""
    own = [item for item in findings if item["check"] == check]
    bad = {item["host"] for item in own if item["severity"] != OK}
    return len({item["host"] for item in own} - bad), worst(own)


def _integration(findings: Sequence[Mapping], members: Sequence[Mapping], replicas: Sequence[Mapping]) -> str:
    texts = []
    for check, rows, text in (
        ("serving", members, "members serve"),
        ("session", replicas, "replicas have a session with ZooKeeper"),
        ("ddl_queue", replicas, "replicas have opened the queue of ON CLUSTER statements"),
    ):
        count, severity = hosts_with(findings, check)
        texts += [f"{count} of {len(rows)} {text}"] if severity != UNKNOWN else []
    return ", ".join(texts)


def rates(replica: Mapping, figure: str) -> float | None:
    """Events per second since the server started; None when a figure is missing."""
    count, uptime = replica["figures"][figure], replica["figures"]["uptime_s"]
    return count / uptime if count is not None and uptime else None


def _load(shards: Sequence[Mapping]) -> tuple[str, str]:
    """Selects per second of each replica, compared within its shard."""
    known: list[str] = []
    uneven: list[str] = []
    unknown: list[str] = []
    totals: dict[str, float] = {}
    for shard in shards:
        found = {row["host"]: rates(row, "selects_total") for row in shard["replicas"]}
        unknown += [host for host, rate in found.items() if rate is None]
        values = {host: rate for host, rate in found.items() if rate is not None}
        if values:
            totals[shard["name"]] = sum(values.values())
        if len(values) < 2:
            continue
        busy, idle = max(values, key=lambda host: values[host]), min(values, key=lambda host: values[host])
        text = f"shard {shard['name']}: {busy} {values[busy]:.2g}, {idle} {values[idle]:.2g} selects/s"
        known.append(text)
        if values[busy] >= UNEVEN_RATE and values[busy] > UNEVEN_RATIO * values[idle]:
            uneven.append(text)
    missing = f"unknown for {', '.join(unknown)}" if unknown else ""
    if not known:
        return UNKNOWN, "; ".join(["No figures to compare", *([missing] if missing else [])])
    lead = "Uneven within a shard" if uneven else "No replica has far more queries than its peers"
    between = ", ".join(f"{name} {rate:.2g}" for name, rate in totals.items())
    total = [f"by shard: {between} selects/s"] if len(totals) > 1 else []
    text = "; ".join([lead, *(uneven or known), *total, *([missing] if missing else [])])
    return (WARNING if uneven else UNKNOWN if unknown else OK), text


def _slowest(members: Sequence[Mapping], replicas: Sequence[Mapping]) -> str:
    """The host with the highest value of each figure that shows a delay."""
    texts = []
    for rows, figure, name, unit in (
        (members, "avg_latency", "latency of members", " ms"),
        (members, "outstanding_requests", "outstanding requests", ""),
        (replicas, "zookeeper_avg_latency_ms", "latency of ZooKeeper for replicas", " ms"),
        (replicas, "max_delay_s", "delay", " s"),
        (replicas, "queue_size", "replication queue", ""),
    ):
        values = {row["host"]: row["figures"][figure] for row in rows if row["figures"][figure] is not None}
        if values:
            host = max(values, key=lambda item: values[item])
            texts.append(f"{name} at most {values[host]:g}{unit} ({host})")
        elif rows:
            texts.append(f"{name} unknown")
    return ", ".join(texts)
