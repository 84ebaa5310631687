# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Connection options of every zookeeper_* module; documented by the fragment zookeeper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .transport import optional_port

DEFAULT_PORT = 2181
# [address] or name, each with an optional port; or a bare IPv6 address, which cannot carry one.
ENDPOINT = re.compile(
    r"(?:\[(?P<inner>[^\[\]]+)\]|(?P<name>[^\[\]:]+))(?::(?P<port>[0-9]{1,5}))?|(?P<bare>[^\[\]]*:[^\[\]]*:[^\[\]]*)"
)


def zookeeper_options(**options: Any) -> dict[str, Any]:
    """Argument spec: the connection options, and the module's own."""
    return {
        "hosts": {"type": "list", "elements": "str", "required": True},
        "previous_port": {"type": "int", "default": 0},
        "connect_timeout": {"type": "float", "default": 2.0},
        **options,
    }


def endpoints(hosts: list[str]) -> list[tuple[str, int]]:
    """`zk1`, `zk1:2182`, `10.0.0.1:2181` and `[fd00::1]:2181` as (host, port). Raises ValueError for anything else."""
    return [_endpoint(text) for text in hosts]


def client_endpoints(params: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Where a client may find a member: all endpoints of O(hosts), then the same hosts with O(previous_port).

    Raises ValueError as `endpoints` does, and for a port that is none.
    """
    known, previous = endpoints(params["hosts"]), optional_port(params, "previous_port")
    return list(dict.fromkeys([*known, *((host, previous) for host, _port in known if previous)]))


def _endpoint(text: str) -> tuple[str, int]:
    text = text.strip()
    match = ENDPOINT.fullmatch(text)
    if not match or not 0 < int(match["port"] or DEFAULT_PORT) < 65536:
        raise ValueError(f"{text!r} is not a host with an optional port, such as zk1:{DEFAULT_PORT}")
    return match["inner"] or match["name"] or match["bare"], int(match["port"] or DEFAULT_PORT)
