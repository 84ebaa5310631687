# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The settings of the updater on a balancer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .haproxy_cfg import server_options
from .plan import Plan

# What an entry of the registry calls the port of a protocol.
REGISTERED_PORTS = {"http": "http", "native": "tcp"}


def updater_settings(plan: Plan, model: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "cluster": model["cluster"]["name"],
        "zookeeper": list(model["ensemble"]["client_endpoints"]),
        "backends": [
            {
                "name": backend.name,
                "shard": backend.shard,
                "port": REGISTERED_PORTS[backend.protocol],
                "options": server_options(variables) + (" backup" if backend.first and backend.servers else ""),
                "hosts": [server.name for server in backend.servers],
            }
            for backend in plan.backends
        ],
        "hold": variables["hold"],
        "socket": variables["socket"],
        "state_file": variables["state_file"],
    }
