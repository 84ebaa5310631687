# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads the registry of a cluster: its entries, and what else is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..discovery.entry import ROOT, Entry, EntryError, decode_at
from ..zookeeper.walk import walk


@dataclass(frozen=True)
class RegistryZnode:
    path: str
    data: bytes
    ephemeral: bool


def registry_path(cluster: str, root: str = ROOT) -> str:
    return f"{root.rstrip('/')}/{cluster}"


def read_registry(clients: list, path: str) -> list[RegistryZnode]:
    """The znodes where entries are, and others with data. path: of the cluster. Raises WalkError."""
    depth = path.count("/")
    return [
        RegistryZnode(znode.path, znode.data or b"", bool(znode.stat.ephemeralOwner))
        for znode in walk(clients, path, lambda below: below.count("/") < depth + 2)
        if znode.path.count("/") == depth + 2 or znode.data
    ]


def sort_out(znodes: Iterable[RegistryZnode], path: str) -> tuple[dict[str, Entry], dict[str, str]]:
    """Entries by path, and why other znodes are none, by path. path: of the cluster."""
    root = path.rpartition("/")[0]
    entries: dict[str, Entry] = {}
    foreign: dict[str, str] = {}
    for znode in sorted(znodes, key=lambda item: item.path):
        try:
            entry = decode_at(znode.path, znode.data, root)
            if not znode.ephemeral:
                raise EntryError("a persistent znode")
            entries[znode.path] = entry
        except EntryError as error:
            foreign[znode.path] = str(error)
    return entries, foreign
