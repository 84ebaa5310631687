# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Options of clickhouse_layout, and what they become."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from ...health_check import health_check_options
from ...limits import LIMITS_OPTION
from ...zookeeper.options import zookeeper_options
from ..options import clickhouse_options
from .servers import OPTIONAL_PARTS
from .world import Replica
from .znodes import Paths

REPLICA_OPTIONS = {
    "name": {"type": "str", "required": True},
    "host": {"type": "str", "required": True},
    "port": {"type": "int", "default": 8123},
    "shard": {"type": "str", "required": True},
    "replica": {"type": "str", "required": True},
    "down": {"type": "bool", "default": False},
    "aliases": {"type": "list", "elements": "str", "default": []},
}


def layout_options() -> dict[str, Any]:
    optional = {
        f"{name}_path": {"type": "str", "default": ""}
        for name in (*OPTIONAL_PARTS, "discovery", "ddl_replicas", "registry")
    }
    # The connections share connect_timeout: the one of ClickHouse counts.
    return {
        **zookeeper_options(),
        **clickhouse_options(
            **health_check_options(
                path={"type": "str", "required": True},
                followers_only={"type": "bool", "default": False},
                cluster={"type": "str", "required": True},
                replicas={"type": "list", "elements": "dict", "required": True, "options": REPLICA_OPTIONS},
                ddl_path={"type": "str", "default": "/task_queue/ddl"},
                max_findings={"type": "int", "default": 20},
                **optional,
                **LIMITS_OPTION,
            )
        ),
    }


def paths_from(params: dict[str, Any]) -> Paths:
    """Raises ValueError for a path that is not absolute."""
    for name in ("path", *(f"{field.name}_path" for field in fields(Paths))):
        if params[name] and not params[name].startswith("/"):
            raise ValueError(f"{name}: found {params[name]!r}, expected an absolute path")
    return Paths(**{field.name: params[f"{field.name}_path"].rstrip("/") for field in fields(Paths)})


def replicas_from(params: dict[str, Any]) -> list[Replica]:
    return [
        Replica(
            item["name"],
            item["shard"],
            item["replica"],
            frozenset({item["name"], item["host"], *(item["aliases"] or ())} - {""}),
        )
        for item in params["replicas"]
    ]
