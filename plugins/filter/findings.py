# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for findings: one message, one table, one list from all hosts."""

from __future__ import annotations

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import (
    CRITICAL,
    Finding,
    from_dicts,
    message,
    table,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.groups import selected

# Variables that report.yml of the roles registers: the ensemble as each member sees it, and each replica.
ENSEMBLE = "__zookeeper_health"
REPLICA = "__clickhouse_health"


def findings_message(findings, lead):
    return message(from_dicts(findings), lead)


def findings_table(findings):
    return table(from_dicts(findings))


def health_findings(hostvars, members, replicas, tags=None, skip_tags=None):
    """The findings of the ensemble and of each replica, and one for each host without a result."""
    ensemble: list[list[dict]] = []
    cluster: list[dict] = []
    missing: list[dict] = []
    for service, variable, hosts in (("zookeeper", ENSEMBLE, members), ("clickhouse", REPLICA, replicas)):
        for host in hosts if selected(service, tags or ["all"], skip_tags or []) else ():
            result = hostvars[host].get(variable) or {}
            if "findings" not in result:
                missing.append(_missing_result(host, result))
            elif service == "zookeeper":
                ensemble.append(result["findings"])
            else:
                cluster += result["findings"]
    # A member that is cut off sees the others as down; the report with the fewest problems describes the ensemble.
    best: list[dict] = min(
        ensemble, key=lambda findings: sum(finding["severity"] == CRITICAL for finding in findings), default=[]
    )
    # A host in both groups that cannot be reached is one finding.
    return [*(dict(item) for item in dict.fromkeys(tuple(item.items()) for item in missing)), *best, *cluster]


def _missing_result(host, result):
    """Why there is no result of a host. Only a host that cannot be reached is a problem of the connection."""
    reason = next(iter(str(result.get("msg") or "").strip().splitlines()), "")
    if result.get("unreachable"):
        # Ansible puts its own text before the message of ssh.
        reason = reason.rpartition(" ssh: ")[2] or "no answer"
        return Finding("connection", CRITICAL, host, reason, "an answer to the control node").as_dict()
    found = f"failed: {reason}" if reason else "not checked"
    return Finding("health_check", CRITICAL, host, found, "a result").as_dict()


class FilterModule:
    def filters(self):
        return {
            "findings_message": findings_message,
            "findings_table": findings_table,
            "health_findings": health_findings,
        }
