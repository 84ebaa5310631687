# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The table of cluster metadata that can be in ZooKeeper, and its paths. Pure.

All paths are relative to the chroot of the cluster: the client of ZooKeeper puts <zookeeper><root> in front of each of
them. The contract tests see it in the engines, except for what a library does not do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ...findings import Finding, validation_error


@dataclass(frozen=True)
class Store:
    """One kind of metadata.

    key: of clickhouse_metadata. content: what is stored. settings: the elements of config.xml that the role sets, as
    paths. feature: of the feature table. znodes: what is below the path; empty when the znode itself has the content.
    layout: the option of clickhouse_layout that compares it; empty where it compares nothing. A server reads all of the
    settings when it starts.
    """

    key: str
    content: str
    settings: tuple[str, ...]
    feature: str
    znodes: str
    layout: str = ""

    @property
    def path(self) -> str:
        """The default path."""
        return f"/{self.key}"


STORES = {
    store.key: store
    for store in (
        Store(
            "access",
            "users, roles, grants, quotas, row policies and settings profiles made with SQL",
            ("user_directories/users_xml", "user_directories/replicated"),
            "access_in_zookeeper",
            "uuid/<id>, and one znode for each kind with the names",
            "access_path",
        ),
        Store(
            "functions",
            "functions of CREATE FUNCTION",
            ("user_defined_zookeeper_path",),
            "functions_in_zookeeper",
            "function_<name>.sql",
            "functions_path",
        ),
        Store(
            "named_collections",
            "collections of CREATE NAMED COLLECTION, encrypted",
            ("named_collections_storage",),
            "collections_in_zookeeper",
            "<name>.sql",
            "collections_path",
        ),
        Store(
            "workloads",
            "workloads and resources of CREATE WORKLOAD and CREATE RESOURCE",
            ("workload_zookeeper_path",),
            "workloads_in_zookeeper",
            "",
        ),
        Store(
            "discovery",
            "which servers are alive, as a second cluster in system.clusters",
            ("allow_experimental_cluster_discovery", "remote_servers/<cluster>/discovery"),
            "cluster_discovery_login",
            "shards/<uuid of the server>, ephemeral",
            "discovery_path",
        ),
        Store(
            "databases",
            "Replicated databases: the statements of their tables and who has run them",
            ("macros/databases",),
            "replicated_databases",
            "<name>/log, metadata, replicas",
        ),
        Store(
            "keeper_map",
            "tables of the engine KeeperMap, with their rows",
            ("keeper_map_path_prefix",),
            "keeper_map",
            "<path of the table>/metadata and <path of the table>/data",
        ),
        Store(
            "backups",
            "coordination of BACKUP and RESTORE ... ON CLUSTER while they run",
            ("backups/zookeeper_path",),
            "backup_statement",
            "backup-<uuid>, restore-<uuid>",
        ),
        Store(
            "transactions",
            "log of experimental transactions",
            ("transaction_log/zookeeper_path",),
            "transaction_log",
            "log/csn-N, tail_ptr",
        ),
    )
}


def chosen_paths(stores: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The path of each store of clickhouse_metadata, relative to the chroot."""
    return {key: str(options.get("path") or STORES[key].path) for key, options in stores.items()}


def layout_paths(stores: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The options of clickhouse_layout; empty for what is not in ZooKeeper."""
    chosen = chosen_paths(stores)
    return {store.layout: chosen.get(key, "") for key, store in STORES.items() if store.layout}


def absolute(root: str, path: str) -> str:
    """A path of a cluster as all clients of the ensemble see it."""
    return f"{root.rstrip('/')}/{path.strip('/')}"


def overlaps(clusters: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str, str]]:
    """Two paths of which one is, or contains, the other: the names and the path of each.

    clusters: absolute paths by their names, by cluster.
    """
    named = [
        (f"{cluster}: {name}" if len(clusters) > 1 else name, path)
        for cluster, paths in clusters.items()
        for name, path in paths.items()
    ]
    for (one, path), (other, second) in combinations(named, 2):
        first, last = (f"{item.rstrip('/')}/" for item in (path, second))
        if first.startswith(last) or last.startswith(first):
            yield one, path, other, second


def validate_overlaps(host: str, clusters: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    """Validation errors for paths that meet, within a cluster or between clusters of one ensemble."""
    for one, path, other, second in overlaps(clusters):
        found = f"{one} at {path}, and {other} at {second}"
        hint = "One would read, or delete, the znodes of the other."
        yield validation_error("clickhouse_metadata", host, found, "paths of which none contains another", hint)
