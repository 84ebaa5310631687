# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether a server has read what was written for it and what it reloads by itself: macros and clusters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..findings import CRITICAL, Finding
from ..limits import as_number
from .figures import CLUSTERS
from .http import ClickHouseError, Server
from .status import MACROS

HINT = "The server has not read the file. If its error log says why, correct that; otherwise restart it."


def check_loaded(
    server: Server, name: str, macros: Mapping[str, Any], clusters: Mapping[str, Iterable[Mapping[str, Any]]]
) -> list[Finding]:
    """Findings for what a server shows otherwise; a server that does not answer is the matter of other checks.

    macros: their values by name. clusters: shards by cluster as in the topology model, each with its replicas; a server
    may have others, too.
    """
    try:
        rows = server.rows(MACROS) if macros else []
        present = {str(row.get("macro")): str(row.get("substitution")) for row in rows}
        rows = server.rows(CLUSTERS) if clusters else []
    except ClickHouseError:
        return []
    return [*_check_macros(name, present, macros), *_check_clusters(name, rows, clusters)]


def _check_macros(name: str, present: Mapping[str, str], macros: Mapping[str, Any]) -> Iterator[Finding]:
    for macro, value in macros.items():
        if present.get(macro) != str(value):
            found = f"the macro {macro} is {present.get(macro, 'missing')}"
            yield Finding("loaded", CRITICAL, name, found, str(value), HINT)


def _check_clusters(
    name: str, rows: Iterable[Mapping[str, Any]], clusters: Mapping[str, Iterable[Mapping[str, Any]]]
) -> Iterator[Finding]:
    present: dict[str, dict[int, set[str]]] = {}
    for row in rows:
        numbered = present.setdefault(str(row.get("cluster")), {})
        # A row without a number is a shard of its own, so that the clusters differ.
        shard = int(as_number(row.get("shard_num")) or 0)
        numbered.setdefault(shard, set()).add(f"{row.get('host_name')}:{row.get('port')}")
    for cluster, shards in clusters.items():
        wanted = [{f"{replica['host']}:{replica['port']}" for replica in shard["replicas"]} for shard in shards]
        found = [endpoints for _number, endpoints in sorted(present.get(cluster, {}).items())]
        if found != wanted:
            yield Finding("loaded", CRITICAL, name, f"the cluster {cluster} is {_text(found)}", _text(wanted), HINT)


def _text(shards: list[set[str]]) -> str:
    return "; ".join(", ".join(sorted(endpoints)) for endpoints in shards) or "missing"
