# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The findings of all hosts, from what the hosts reported in, and those that need several hosts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..clickhouse.drift import check_drift
from ..findings import CRITICAL, Finding
from ..limits import chosen
from ..role_options import convert
from ..topology.groups import PARTS
from ..zookeeper.limits import DEFAULTS
from ..zookeeper.skew import check_clocks

# Variables that report*.yml of the roles register: the ensemble as each member sees it, or as some replicas see it if
# somebody else runs it; each replica; and the layout.
ENSEMBLE = "__zookeeper_health"
EXTERNAL = "__clickhouse_ensemble"
REPLICA = "__clickhouse_health"
LAYOUT = "__clickhouse_layout"
DRIFT = ("configuration_drift", "schema_drift", "users_drift", "version_drift")


def collect(
    hostvars: Mapping[str, Mapping], members: Sequence[str], replicas: Sequence[str], parts: Iterable[str]
) -> dict[str, Any]:
    """The findings of the selected parts, each with its part, and the results that they came from.

    A host without a result is a finding, too.
    """
    wanted = set(parts)
    missing: list[dict] = []
    ensembles: dict[str, Mapping] = {}
    cluster: dict[str, Mapping] = {}
    if "ensemble" in wanted:
        ensembles, missing = _ensembles(hostvars, members, replicas)
    part_of_replica = "replication" if "replication" in wanted else "drift"
    for host in replicas if part_of_replica in wanted else ():
        result = hostvars[host].get(REPLICA) or {}
        if "findings" in result:
            cluster[host] = result
        else:
            missing.append(
                {
                    **_missing_result(host, result),
                    "part": next(part for part in PARTS if part in wanted & {"replication", "drift"}),
                }
            )
    # A member that is cut off sees the others as down; the result with the fewest problems describes the ensemble.
    ensemble = min(ensembles.values(), key=_critical, default={})
    layout: Mapping = {}
    if "layout" in wanted:
        results = {host: hostvars[host].get(LAYOUT) or {} for host in [*replicas, *members]}
        layout = next((result for result in results.values() if "findings" in result), {})
        failed = [host for host, result in results.items() if result.get("failed") or result.get("unreachable")]
        if not layout and failed:
            missing.append({**_missing_result(failed[0], results[failed[0]]), "part": "layout"})
    found = [{**item, "part": "ensemble"} for item in ensemble.get("findings", [])]
    # What only its own host knows of a member.
    found += [
        {**item, "part": "ensemble"} for result in ensembles.values() for item in result.get("local_findings", [])
    ]
    found += [{**item, "part": "ensemble"} for item in _clocks(ensembles, hostvars)]
    found += [
        {**item, "part": "drift" if item["check"] in DRIFT else part}
        for part, results in (("replication", cluster.values()), ("layout", [layout]))
        for result in results
        for item in result.get("findings", [])
    ]
    if "drift" in wanted:
        found += [{**item, "part": "drift"} for item in _drift(cluster, hostvars)]
    # A host in both groups that cannot be reached is one finding.
    unique = {tuple(value for key, value in item.items() if key != "part"): item for item in reversed(missing)}
    return {
        "findings": [*reversed(list(unique.values())), *(item for item in found if item["part"] in wanted)],
        "ensemble": ensemble,
        "replicas": cluster,
        "layout": layout,
    }


def _ensembles(
    hostvars: Mapping[str, Mapping], members: Sequence[str], replicas: Sequence[str]
) -> tuple[dict[str, Mapping], list[dict]]:
    """What members found out about the ensemble, and findings about those that did not.

    Without members, the replicas that were asked. That one of them cannot be reached is a finding of its own.
    """
    results = {host: hostvars[host].get(ENSEMBLE) or {} for host in members}
    if not members:
        results = {host: found for host in replicas if (found := hostvars[host].get(EXTERNAL))}
        answered = [host for host in results if "findings" in results[host]]
        results = {host: results[host] for host in answered or results}
        results = results or {host: {} for host in replicas[:1] if _is_external(hostvars[host])}
    missing = [
        {**_missing_result(host, result), "part": "ensemble"}
        for host, result in results.items()
        if "findings" not in result
    ]
    return {host: result for host, result in results.items() if "findings" in result}, missing


def _is_external(variables: Mapping) -> bool:
    """Whether somebody else runs the ensemble of a host; a host without a model has findings anyway."""
    model = variables.get("topology_model")
    return isinstance(model, Mapping) and bool(model.get("ensemble", {}).get("external"))


def _clocks(results: Mapping[str, Mapping], hostvars: Mapping[str, Mapping]) -> list[dict[str, str]]:
    """Differences between the clocks of the members; nobody sees those of somebody else's."""
    clocks = {
        host: (result["clock_offset"], result["clock_uncertainty"])
        for host, result in results.items()
        if "clock_offset" in result and hostvars[host].get(ENSEMBLE)
    }
    try:
        changes = next((hostvars[host].get("zookeeper_health_limits") for host in results), None)
        limits = chosen(DEFAULTS, convert(changes, {"type": "dict"}))
    except ValueError:
        # The module has reported it.
        return []
    return [finding.as_dict() for finding in check_clocks(clocks, limits)]


def _drift(results: Mapping[str, Mapping], hostvars: Mapping[str, Mapping]) -> list[dict[str, str]]:
    """Differences between the replicas that answered."""
    catalogs = {host: result["catalog"] for host, result in results.items() if result.get("catalog")}
    rows = {host: (result.get("replicas") or [{}])[0] for host, result in results.items()}
    versions = {host: str(row["version"]) for host, row in rows.items() if row.get("version")}
    shards = {host: str(hostvars[host].get("clickhouse_shard")) for host in results}
    return [finding.as_dict() for finding in check_drift(catalogs, versions, shards)]


def plain(findings: Iterable[Mapping]) -> list[dict]:
    """Findings with the fields of the class Finding only."""
    return [{name: item[name] for name in Finding.__dataclass_fields__ if name in item} for item in findings]


def _critical(result: Mapping) -> int:
    return sum(item["severity"] == CRITICAL for item in result["findings"])


def _missing_result(host: str, result: Mapping) -> dict[str, str]:
    """Why there is no result of a host. Only a host that cannot be reached is a problem of the connection."""
    reason = next(iter(str(result.get("msg") or "").strip().splitlines()), "")
    if result.get("unreachable"):
        # Ansible puts its own text before the message of ssh.
        reason = reason.rpartition(" ssh: ")[2] or "no answer"
        hint = "Check that the host runs, and that the control node can log in with ssh."
        return Finding("connection", CRITICAL, host, reason, "an answer to the control node", hint).as_dict()
    found = f"failed: {reason}" if reason else "not checked"
    return Finding("health_check", CRITICAL, host, found, "a result").as_dict()
