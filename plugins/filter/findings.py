# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Views of findings: one message, one table, one list from all hosts."""

from __future__ import annotations

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import (
    CRITICAL,
    Finding,
    from_dicts,
    message,
    table,
)

# What the roles' report.yml registers: the whole ensemble as each member sees it, and each replica by itself.
ENSEMBLE = "__zookeeper_health"
REPLICA = "__clickhouse_health"


def findings_message(findings, lead):
    return message(from_dicts(findings), lead)


def findings_table(findings):
    return table(from_dicts(findings))


def health_findings(hostvars):
    """One view of the ensemble, each replica's own, and a finding for each host that could not be reached."""
    views, replicas, away = [], [], []
    for host in hostvars:
        for name, found in ((ENSEMBLE, views), (REPLICA, replicas)):
            result = hostvars[host].get(name) or {}
            if "findings" in result:
                found.append(result["findings"])
            elif result.get("unreachable") or result.get("failed"):
                # Ansible's own lead comes before what ssh said.
                reason = str(result.get("msg") or "no result").splitlines()[0].rpartition(" ssh: ")[2]
                away.append(Finding("connection", CRITICAL, host, reason, "an answer to the control node").as_dict())
    # A member that is cut off sees the others as down; the view with the fewest troubles is the ensemble's own.
    best = min(views, key=lambda view: sum(finding["severity"] == CRITICAL for finding in view), default=[])
    return [*away, *best, *(finding for view in replicas for finding in view)]


class FilterModule:
    def filters(self):
        return {
            "findings_message": findings_message,
            "findings_table": findings_table,
            "health_findings": health_findings,
        }
