# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What a walk found, as data with limits. Pure."""

from __future__ import annotations

import base64
import heapq
from collections.abc import Iterable
from typing import Any

from .walk import Znode


class Summary:
    """Totals of a subtree, its largest znodes, the parents with most children, and its first znodes as data.

    limit: how many znodes to return as data. max_bytes: how much of the data of each. top: how many of the largest
    znodes, and of the parents with most children.
    """

    def __init__(self, limit: int, max_bytes: int, top: int) -> None:
        self.limit, self.max_bytes, self.top = limit, max_bytes, top
        self.znodes = self.bytes = self.ephemerals = 0
        self.tree: dict[str, dict[str, Any]] = {}
        self.largest: list[tuple[int, str]] = []
        self.widest: list[tuple[int, str]] = []

    def add(self, znodes: Iterable[Znode]) -> None:
        for znode in znodes:
            size = len(znode.data or b"")
            self.znodes += 1
            self.bytes += size
            self.ephemerals += bool(znode.stat.ephemeralOwner)
            self._keep(self.largest, size, znode.path)
            self._keep(self.widest, znode.stat.numChildren, znode.path)
            if len(self.tree) < self.limit:
                self.tree[znode.path] = as_data(znode, self.max_bytes)

    def _keep(self, heap: list[tuple[int, str]], value: int, path: str) -> None:
        """Keeps the largest values; the smallest of them is the first of the heap."""
        if not value or not self.top:
            return
        if len(heap) < self.top:
            heapq.heappush(heap, (value, path))
        elif (value, path) > heap[0]:
            heapq.heapreplace(heap, (value, path))

    def results(self) -> dict[str, Any]:
        return {
            "znodes": self.znodes,
            "bytes": self.bytes,
            "ephemerals": self.ephemerals,
            "tree": dict(sorted(self.tree.items())),
            "truncated": self.znodes > len(self.tree),
            "largest": [{"path": path, "bytes": size} for size, path in sorted(self.largest, reverse=True)],
            "most_children": [{"path": path, "children": count} for count, path in sorted(self.widest, reverse=True)],
        }


def as_data(znode: Znode, max_bytes: int) -> dict[str, Any]:
    """One znode as plain data; text where it is text, else base64."""
    data = znode.data or b""
    try:
        # Only whole characters: a limit within one must not make binary data of a text.
        encoding, value = "utf-8", data.decode()
        value = value.encode()[:max_bytes].decode(errors="ignore")
    except UnicodeDecodeError:
        encoding, value = "base64", base64.b64encode(data[:max_bytes]).decode()
    return {
        "data": value,
        "encoding": encoding,
        "bytes": len(data),
        "children": znode.stat.numChildren,
        "ephemeral_owner": f"0x{znode.stat.ephemeralOwner:x}" if znode.stat.ephemeralOwner else "",
        "version": znode.stat.version,
        "created": znode.stat.ctime / 1000,
        "modified": znode.stat.mtime / 1000,
    }
