# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The feature table: what each ClickHouse version knows. Nothing else compares versions."""

from __future__ import annotations

import re

# Feature: first version that has it, first version that no longer has it (None: still there).
FEATURES: dict[str, tuple[tuple[int, int], tuple[int, int] | None]] = {
    # Configuration root <clickhouse>; before it, <yandex>.
    "config_root_clickhouse": ((21, 10), None),
    # Column system.replicas.zookeeper_exception: seen in 24.8; an older server throws instead.
    "replicas_zookeeper_exception": ((24, 8), None),
    # Column system.replicas.zookeeper_name. In 26.9; merged in late April 2023 (#48549), the first version is unproved.
    "replicas_zookeeper_name": ((23, 5), None),
    # SYSTEM DROP REPLICA ... FROM ZKPATH. 26.9 parses it; the first version is unproved.
    "system_drop_replica": ((20, 6), None),
    # SQL functions in ZooKeeper, user_defined_zookeeper_path. In 26.9; the first version is unproved.
    "functions_in_zookeeper": ((23, 3), None),
    # Named collections in ZooKeeper, and system.named_collections. In 26.9; the first version is unproved.
    "collections_in_zookeeper": ((24, 7), None),
    # Column system.named_collections.source. In 26.9; the first version is unproved.
    "collections_source": ((25, 8), None),
    # Users, roles, quotas and policies in ZooKeeper, and system.user_directories. Unproved.
    "access_in_zookeeper": ((21, 9), None),
    # Cluster discovery. Unproved.
    "cluster_discovery": ((22, 1), None),
    # Ephemeral <replicas_path>/<host>/active of the queue of ON CLUSTER statements. The first version is unproved.
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
