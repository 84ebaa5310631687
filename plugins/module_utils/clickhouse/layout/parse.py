# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Data of ClickHouse's znodes, parsed. Anything that is not as expected is empty or None, never an exception. Pure."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
# Longest text of a znode that is repeated in a finding.
MAX_TEXT = 200


def text_of(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace")


def number_of(data: bytes | None) -> int | None:
    """A number as ClickHouse writes it."""
    match = re.fullmatch(rb"\s*(-?[0-9]{1,19})\s*", data or b"")
    return int(match[1]) if match else None


def fields_of(data: bytes | None) -> dict[str, str]:
    """The lines `name: value` of a znode."""
    pairs = (line.partition(": ") for line in text_of(data).split("\n"))
    return {name: value for name, colon, value in pairs if colon}


def host_of(host_id: str) -> str:
    """The host of `host:port` as ON CLUSTER writes it, with other characters escaped as %2D."""
    host, colon, port = host_id.rpartition(":")
    return unquote(host if colon and port.isdigit() else host_id)


def quoted(text: str) -> tuple[str, ...]:
    """The values of a list such as ['ch1:9000','ch2:9000']."""
    return tuple(QUOTED.findall(text))


def node_of(data: bytes | None) -> tuple[str, int | None]:
    """The host and the shard of a znode of the cluster discovery."""
    try:
        node: Any = json.loads(text_of(data))
        return host_of(str(node["address"])), int(node.get("shard_id", 0))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
        return "", None


def name_of_file(name: str, prefix: str = "", suffix: str = ".sql") -> str:
    """The object that a znode such as function_twice.sql stores; empty for other names."""
    inner = name[len(prefix) : len(name) - len(suffix)]
    return unquote(inner) if name.startswith(prefix) and name.endswith(suffix) else ""
