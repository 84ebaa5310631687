# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The registry: its paths in ZooKeeper, and the JSON of an entry. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from .states import REGISTERED

ROOT = "/zoohouse"
SCHEMA = 1
# Znodes below the root that are no clusters; the first two are there when the chroot is the root of the ensemble.
RESERVED = ("config", "schema", "locks", "restarts")
TEXTS = ("cluster", "shard", "replica", "host", "version", "state", "reason")
PORTS = ("http", "tcp", "interserver", "check")


class EntryError(ValueError):
    """The data of a znode is not an entry of the registry; the text says why."""


@dataclass(frozen=True)
class Entry:
    """One replica.

    host: its name in the inventory. addresses: under which the cluster and clients reach it, the cluster's first.
    weight: percent. reason: why it is not up.
    """

    cluster: str
    shard: str
    replica: str
    host: str
    addresses: tuple[str, ...]
    ports: dict[str, int] = field(hash=False)
    version: str = ""
    weight: int = 100
    state: str = "up"
    reason: str = ""

    @property
    def path(self) -> str:
        return f"/{self.cluster}/{self.shard}/{self.replica}"


def name_problem(name: str) -> str:
    """Why a name cannot be part of a path in ZooKeeper; empty when it can."""
    if not name or name in (".", "..") or "/" in name or not name.isprintable():
        return f"found {name!r}, expected a name without / that is not empty"
    return ""


def encode(entry: Entry) -> bytes:
    return json.dumps({"schema": SCHEMA, **asdict(entry)}, sort_keys=True).encode()


def decode(data: bytes) -> Entry:
    """The entry of a znode. Keys that this version does not know are ignored. Raises EntryError."""
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise EntryError("not JSON") from error
    if not isinstance(values, dict):
        raise EntryError("not a JSON object")
    if values.get("schema") != SCHEMA:
        raise EntryError(f"schema {str(values.get('schema'))[:20]}, expected {SCHEMA}")
    texts = {
        name: _text(values, name) for name in ("cluster", "shard", "replica", "host", "version", "state", "reason")
    }
    if texts["state"] not in REGISTERED:
        raise EntryError(f"state {texts['state'][:20]!r}, expected one of {', '.join(REGISTERED)}")
    addresses, ports = values.get("addresses"), values.get("ports")
    if (
        not isinstance(addresses, list)
        or not addresses
        or not all(isinstance(item, str) and item for item in addresses)
    ):
        raise EntryError("addresses: expected a list of names or addresses")
    if not isinstance(ports, dict) or not all(_is_number(ports.get(name), 1, 65535) for name in PORTS):
        raise EntryError(f"ports: expected {', '.join(PORTS)}")
    weight: Any = values.get("weight")
    if not _is_number(weight, 1, 256):
        raise EntryError("weight: expected 1 to 256")
    kept = {name: ports[name] for name in PORTS}
    return Entry(addresses=tuple(addresses), ports=kept, weight=weight, **texts)


def decode_at(path: str, data: bytes, root: str = ROOT) -> Entry:
    """The entry of the znode at a path, which must be the entry's own path. Raises EntryError."""
    entry = decode(data)
    if f"{root.rstrip('/')}{entry.path}" != path:
        raise EntryError(f"the entry of {entry.path}")
    return entry


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str):
        raise EntryError(f"{name}: expected a text")
    return value


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_number(value: Any, smallest: int, largest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and smallest <= value <= largest
