# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Connection options of every zookeeper_* module; their documentation is the doc fragment of the same name."""

from __future__ import annotations

DEFAULT_PORT = 2181


def zookeeper_options(**more) -> dict:
    """The argument spec: hosts, connect_timeout, and whatever the module adds."""
    return {
        "hosts": {"type": "list", "elements": "str", "required": True},
        "connect_timeout": {"type": "float", "default": 2.0},
        **more,
    }


def endpoints(hosts: list[str]) -> list[tuple[str, int]]:
    """`zk1`, `zk1:2182`, `10.0.0.1:2181` and `[fd00::1]:2181` as (host, port). Raises ValueError for anything else."""
    return [_endpoint(text) for text in hosts]


def _endpoint(text: str) -> tuple[str, int]:
    text = text.strip()
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest[1:] if rest.startswith(":") else rest
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    else:
        host, port = text, ""
    if not host or not (port.isdigit() or port == "") or not 0 < int(port or DEFAULT_PORT) < 65536:
        raise ValueError(f"{text!r} is not a host with an optional port, such as zk1:{DEFAULT_PORT}")
    return host, int(port or DEFAULT_PORT)
