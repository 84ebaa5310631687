# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The feature table: what each ClickHouse version knows. Nothing else compares versions."""

from __future__ import annotations

import re

# Feature: first version that has it, first version that no longer has it (None: still there).
# The contract tests compare the table with 24.8, 25.8, 26.3 and 26.9; what lies between or before them is unproved.
FEATURES: dict[str, tuple[tuple[int, int], tuple[int, int] | None]] = {
    # Configuration root <clickhouse>; before it, <yandex>, which 26.9 still reads.
    "config_root_clickhouse": ((21, 10), None),
    # Column system.replicas.zookeeper_exception. An older server throws instead.
    "replicas_zookeeper_exception": ((24, 8), None),
    # Column system.replicas.zookeeper_name, merged in late April 2023 (#48549).
    "replicas_zookeeper_name": ((23, 5), None),
    # SYSTEM DROP REPLICA ... FROM ZKPATH.
    "system_drop_replica": ((20, 6), None),
    # SQL functions in ZooKeeper, user_defined_zookeeper_path.
    "functions_in_zookeeper": ((23, 3), None),
    # Named collections in ZooKeeper. Seen in 24.8 and 26.9; between them the library crashes without an ensemble.
    "collections_in_zookeeper": ((24, 7), None),
    # Column system.named_collections.source: not in 24.8.
    "collections_source": ((25, 8), None),
    # Users, roles, quotas and policies in ZooKeeper. Only system.user_directories is seen: the library stores none.
    "access_in_zookeeper": ((21, 9), None),
    # Element <discovery> of a cluster in remote_servers.
    "cluster_discovery": ((22, 1), None),
    # Ephemeral <replicas_path>/<host>/active of the queue of ON CLUSTER statements. Unproved: the library has no queue.
    "ddl_liveness": ((24, 1), None),
}


def parse_version(text: str) -> tuple[int, int]:
    """Year and month of a version such as 18.16.1 or 25.8.2.1-lts. Raises ValueError for anything else."""
    match = re.match(r"v?(\d{2})\.(\d{1,2})(?:[.+~-]|$)", str(text).strip())
    if not match:
        raise ValueError(f"{text!r} is not a ClickHouse version such as 18.16.1 or 25.8.2.1")
    return int(match.group(1)), int(match.group(2))


def has(version: str, feature: str) -> bool:
    """Whether a version has a feature. Raises KeyError for a feature that is not in the table."""
    since, until = FEATURES[feature]
    number = parse_version(version)
    return since <= number and (until is None or number < until)


def config_root(version: str) -> str:
    return "clickhouse" if has(version, "config_root_clickhouse") else "yandex"
