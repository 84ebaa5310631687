# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The settings of the server that the role writes, and those of them that an engine does not list."""

import xml.etree.ElementTree as ET

from rendering import render
from stored import numbers

# Settings that the role writes and system.server_settings lacks: the first version that has them, if any, and why.
UNLISTED = {
    "distributed_ddl.path": ("26.3", "earlier versions list no settings within a section"),
    "distributed_ddl.replicas_path": ("26.3", "earlier versions list no settings within a section"),
    "http_port": ("", "only the program clickhouse-server reads it"),
    "interserver_http_host": ("26.3", "read by the part of the server that starts its listeners"),
    "interserver_http_port": ("26.3", "read by the part of the server that starts its listeners"),
    "listen_host": ("", "only the program clickhouse-server reads it"),
    "logger.level": ("26.3", "earlier versions list no settings within a section"),
    "macros": ("", "names of your own, compared with system.macros"),
    "remote_servers": ("", "names of your own, compared with system.clusters"),
    "tcp_port": ("", "only the program clickhouse-server reads it"),
    "zookeeper": ("", "the client of ZooKeeper reads it, and rejects keys that it does not know"),
}
# The same for metadata in ZooKeeper, by setting or section. What is there afterwards shows that the engine has read it.
METADATA_UNLISTED = {
    "allow_experimental_cluster_discovery": ("", "read together with remote_servers"),
    "allow_experimental_transactions": ("", "read when the first transaction begins"),
    "auxiliary_zookeepers": ("", "names of your own; a table is in one of them"),
    "backups": ("", "read by the first backup ON CLUSTER"),
    "keeper_map_path_prefix": ("", "read when a KeeperMap table is created"),
    "named_collections_storage.algorithm": ("", "read by the storage of named collections only"),
    "named_collections_storage.key_hex": ("", "read by the storage of named collections only"),
    "named_collections_storage.path": ("", "read by the storage of named collections only"),
    "named_collections_storage.type": ("26.9", "read by the storage of named collections only"),
    "transaction_log": ("", "read when the first transaction begins"),
    "user_defined_zookeeper_path": ("", "read by the storage of SQL functions"),
    "user_directories": ("", "each storage reads its own section"),
    "workload_zookeeper_path": ("", "read by the storage of workloads"),
}


def written(inventory, version):
    """The settings of the server that the role writes: names of elements, joined by dots."""
    names = set()
    for path, text in render(inventory, version).items():
        if "/config.d/" in path:
            for section in ET.fromstring(text):
                known = section.tag in UNLISTED or not len(section)
                names |= {section.tag} if known else {f"{section.tag}.{child.tag}" for child in section}
    return names


def missing(unlisted, version):
    """The settings of such a table that an engine of this version does not list."""
    return {name for name, (since, _reason) in unlisted.items() if not since or numbers(version) < numbers(since)}
