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
