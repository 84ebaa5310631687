# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What engines keep in ZooKeeper: the statements that store it, and the znodes that they make."""

from engines import VERSIONS

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import has
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.stores import STORES

SECRET = "open sesame"
TABLE = "CREATE TABLE demo.{} (n Int8) ENGINE = ReplicatedMergeTree('{}', '{{replica}}') ORDER BY n"
# What makes an engine store something, and the znodes that it makes below the path.
STORED = {
    "functions": (["CREATE FUNCTION twice AS x -> x * 2"], {"/function_twice.sql"}),
    "named_collections": ([f"CREATE NAMED COLLECTION mirror AS password = '{SECRET}'"], {"/mirror.sql"}),
    "workloads": (["CREATE WORKLOAD everything"], set()),
    "keeper_map": (
        [
            "CREATE TABLE demo.map (key Int8, value Int8) ENGINE = KeeperMap('/map') PRIMARY KEY key",
        ],
        {"/map", "/map/metadata", "/map/data"},
    ),
    "databases": (
        ["CREATE DATABASE replicated ENGINE = Replicated('{databases}/one', '{shard}', '{replica}')"],
        {f"/one/{name}" for name in ("log", "max_log_ptr", "metadata", "replicas")},
    ),
    "transactions": (["BEGIN TRANSACTION", "COMMIT"], {"/log", "/tail_ptr"}),
}
# What the libraries do not show, by version, and why.
UNSEEN = {
    # They load the section and have users of files only.
    "access": VERSIONS,
    # Only ON CLUSTER uses it, which they do not run.
    "backups": VERSIONS,
    # They load the section and register nothing.
    "discovery": VERSIONS,
    # The statement ends with a segmentation fault.
    "named_collections": ["25.8", "26.3"],
}


def shown(version):
    """The stores that an engine has and shows."""
    return [key for key in STORED if has(version, STORES[key].feature) and version not in UNSEEN.get(key, ())]


def numbers(version):
    return [int(part) for part in version.split(".")]
