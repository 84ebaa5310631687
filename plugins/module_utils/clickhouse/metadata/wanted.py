# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What the variables ask for, and the fragment of the configuration that it becomes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .stores import chosen_paths

# Hexadecimal digits of a key: two for each byte.
ALGORITHMS = {32: "aes_128_ctr", 48: "aes_192_ctr", 64: "aes_256_ctr"}


@dataclass(frozen=True)
class Wanted:
    """version: of the server. root: clickhouse_zookeeper_root. ddl_path: clickhouse_ddl_path.

    stores: clickhouse_metadata. collections_key: clickhouse_named_collections_key. auxiliary:
    clickhouse_auxiliary_zookeepers. shard: number of the replica's shard. user, password: of queries between replicas.
    addresses: of the cluster's own ensemble, as in the topology model.
    """

    version: str
    cluster: str
    root: str
    ddl_path: str
    stores: Mapping[str, Mapping[str, Any]]
    collections_key: str = field(default="", repr=False)
    auxiliary: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    addresses: Sequence[Mapping[str, Any]] = ()
    shard: int = 1
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def discovered(self) -> str:
        """Name of the cluster of the servers that registered themselves."""
        return str(self.stores.get("discovery", {}).get("cluster") or f"{self.cluster}_discovered")

    @property
    def is_plain(self) -> bool:
        """Whether named collections are stored in clear."""
        return self.stores.get("named_collections", {}).get("storage") == "plain"


def config(wanted: Wanted) -> dict[str, Any]:
    """The elements of config.xml, in the form of ClickHouse's configuration in YAML."""
    elements: dict[str, Any] = {}
    for key, path in chosen_paths(wanted.stores).items():
        elements.update(BUILDERS[key](wanted, path))
    if wanted.auxiliary:
        elements["auxiliary_zookeepers"] = {name: _ensemble(item) for name, item in wanted.auxiliary.items()}
    return elements


def _collections(wanted: Wanted, path: str) -> dict[str, Any]:
    options = wanted.stores["named_collections"]
    storage: dict[str, Any] = {"type": "zookeeper" if wanted.is_plain else "zookeeper_encrypted", "path": path}
    if not wanted.is_plain:
        storage["key_hex"] = wanted.collections_key
        storage["algorithm"] = ALGORITHMS[len(wanted.collections_key)]
    if options.get("update_timeout_ms"):
        storage["update_timeout_ms"] = options["update_timeout_ms"]
    return {"named_collections_storage": storage}


def _access(wanted: Wanted, path: str) -> dict[str, Any]:
    """The order decides who wins: the users of the role are in files, and need no ensemble to log in."""
    local = wanted.stores["access"].get("local_path")
    return {
        "user_directories": {
            # Otherwise the store on disk of the package comes first, and CREATE USER writes there.
            "@replace": "replace",
            "users_xml": {"path": "users.xml"},
            "replicated": {"zookeeper_path": path},
            **({"local_directory": {"path": local}} if local else {}),
        }
    }


def _discovery(wanted: Wanted, path: str) -> dict[str, Any]:
    section = {"path": path, "shard": wanted.shard, "user": wanted.user, "password": wanted.password}
    return {
        "allow_experimental_cluster_discovery": 1,
        "remote_servers": {wanted.discovered: {"discovery": section}},
    }


def _ensemble(options: Mapping[str, Any]) -> dict[str, Any]:
    nodes = [
        {"host": node["host"], "port": node.get("port", 2181), **({"secure": 1} if node.get("secure") else {})}
        for node in options["nodes"]
    ]
    timeout = options.get("session_timeout_ms")
    return {
        "node": nodes,
        **({"session_timeout_ms": timeout} if timeout else {}),
        **({"root": options["root"]} if options.get("root") else {}),
    }


BUILDERS = {
    "access": _access,
    "functions": lambda _wanted, path: {"user_defined_zookeeper_path": path},
    "named_collections": _collections,
    "discovery": _discovery,
    "databases": lambda _wanted, path: {"macros": {"databases": path}},
    "workloads": lambda _wanted, path: {"workload_zookeeper_path": path},
    "keeper_map": lambda _wanted, path: {"keeper_map_path_prefix": path},
    "backups": lambda _wanted, path: {"backups": {"zookeeper_path": path}},
    "transactions": lambda _wanted, path: {"transaction_log": {"zookeeper_path": path}},
}
