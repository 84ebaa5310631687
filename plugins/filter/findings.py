# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for findings: one message, one table, one list from all hosts."""

from __future__ import annotations

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import (
    from_dicts,
    message,
    table,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.report.collect import collect, plain
from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.groups import selected_parts


def findings_message(findings, lead):
    return message(from_dicts(findings), lead)


def findings_table(findings):
    return table(from_dicts(findings))


def health_findings(hostvars, members, replicas, tags=None, skip_tags=None):
    """The findings of the ensemble and of each replica, and one for each host without a result."""
    parts = selected_parts(tags or ["all"], skip_tags or [])
    return plain(collect(hostvars, members, replicas, parts)["findings"])


class FilterModule:
    def filters(self):
        return {
            "findings_message": findings_message,
            "findings_table": findings_table,
            "health_findings": health_findings,
        }
