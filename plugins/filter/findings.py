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

# Variables that report.yml of the roles registers: the ensemble as each member sees it, and each replica.
ENSEMBLE = "__zookeeper_health"
REPLICA = "__clickhouse_health"


def findings_message(findings, lead):
    return message(from_dicts(findings), lead)


def findings_table(findings):
    return table(from_dicts(findings))


def health_findings(hostvars):
    """The findings of the ensemble and of each replica, and one for each host that could not be reached."""
    ensemble: list[list[dict]] = []
    replicas: list[list[dict]] = []
    unreachable: list[dict] = []
    for host in hostvars:
        for name, found in ((ENSEMBLE, ensemble), (REPLICA, replicas)):
            result = hostvars[host].get(name) or {}
            if "findings" in result:
                found.append(result["findings"])
            elif result.get("unreachable") or result.get("failed"):
                # Ansible puts its own text before the message of ssh.
                reason = str(result.get("msg") or "no result").splitlines()[0].rpartition(" ssh: ")[2]
                unreachable.append(
                    Finding("connection", CRITICAL, host, reason, "an answer to the control node").as_dict()
                )
    # A member that is cut off sees the others as down; the report with the fewest problems describes the ensemble.
    best: list[dict] = min(
        ensemble, key=lambda findings: sum(finding["severity"] == CRITICAL for finding in findings), default=[]
    )
    return [*unreachable, *best, *(finding for findings in replicas for finding in findings)]


class FilterModule:
    def filters(self):
        return {
            "findings_message": findings_message,
            "findings_table": findings_table,
            "health_findings": health_findings,
        }
