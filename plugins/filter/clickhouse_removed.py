# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filter for what the inventory does not have any more."""

from __future__ import annotations

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.removed import (
    elements_elsewhere,
    find_removed,
    validate_removed,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import Finding
from ansible_collections.zoohouse.cluster.plugins.module_utils.role_options import convert

# Other variables that may set the same elements. They are read only where something was removed: that costs time.
ELSEWHERE = ("clickhouse_extra_config", "clickhouse_shared_config")


def clickhouse_removed_errors(cluster, hostvars, registered, extra_clusters):
    errors: list[Finding] = []
    for host, macros in cluster["macros"].items():
        if host not in hostvars:
            continue
        known = hostvars[host]
        server = (known.get(registered) or {}).get("deployed")
        if not server or not server["own"]:
            continue
        more = _dict(known, "clickhouse_macros")
        removed = find_removed(server, {*macros, *more}, {cluster["name"], *extra_clusters})
        if any(removed.values()):
            elsewhere = elements_elsewhere(*(_dict(known, name) for name in ELSEWHERE))
            errors += validate_removed(host, server, removed, elsewhere)
    return [error.as_dict() for error in errors]


def _dict(known, name):
    return convert(known.get(name), {"type": "dict"})


class FilterModule:
    def filters(self):
        return {"clickhouse_removed_errors": clickhouse_removed_errors}
