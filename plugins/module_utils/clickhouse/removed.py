# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Macros and clusters that the role has set, that the inventory has no more, and that tables still use. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..findings import Finding, some, validation_error
from .clusters.extra import VARIABLE as CLUSTERS
from .macros import VARIABLE as MACROS

# Sections of the configuration whose elements tables use by name.
SECTIONS = ("macros", "remote_servers")


def find_removed(server: Mapping[str, Any], macros: Collection[str], clusters: Collection[str]) -> dict[str, list[str]]:
    """Names by section.

    server: `deployed` of clickhouse_server_info. macros, clusters: names that the role will write.
    """
    own = server["role_elements"]
    # The name of the cluster itself is compared as topology_cluster.
    kept = {"macros": macros, "remote_servers": {*clusters, server["macros"].get("cluster", "")}}
    used = {"macros": server["used_macros"], "remote_servers": server["clusters"]}
    return {
        section: [name for name in used[section] if name in own[section] and name not in kept[section]]
        for section in SECTIONS
    }


def elements_elsewhere(*configurations: Mapping[str, Any]) -> dict[str, set[str]]:
    """Names by section that clickhouse_extra_config and clickhouse_shared_config set."""
    found: dict[str, set[str]] = {section: set() for section in SECTIONS}
    for configuration in configurations:
        for section, names in found.items():
            value = configuration.get(section)
            names.update(map(str, value) if isinstance(value, Mapping) else ())
    return found


def validate_removed(
    host: str, server: Mapping[str, Any], removed: Mapping[str, list[str]], elsewhere: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    for name in removed["macros"]:
        if name not in elsewhere["macros"]:
            value = server["macros"].get(name, "")
            found = f"no macro {name}, but replicated tables have it in their path"
            hint = "They would not start again without it. Set it again; or drop the tables first."
            yield validation_error(MACROS, host, found, f"{name}: {value}", hint)
    for name in removed["remote_servers"]:
        if name not in elsewhere["remote_servers"]:
            tables = some(server["clusters"][name]["tables"])
            found = f"no cluster {name}, but the Distributed tables {tables} read it"
            hint = "They would find no cluster, and rows that they have queued would not arrive. Drop them first."
            yield validation_error(CLUSTERS, host, found, name, hint)
