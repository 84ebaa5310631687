# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What Distributed tables have acknowledged and not sent yet, read from the files of the server."""

from __future__ import annotations

import contextlib
import glob
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

# The directory of a queue on modern servers (use_compact_format_in_distributed_parts_names) has the number of the
# shard and, without internal_replication, that of the replica.
COMPACT = re.compile(r"shard(\d{1,9})_(?:all_replicas|replica(\d{1,9}))")


@dataclass(frozen=True)
class Queue:
    """Blocks that a Distributed table has acknowledged and not sent yet.

    endpoints: host:port of the replicas, one of which gets them. files: number of blocks. bytes: their size.
    age: seconds since the oldest one was acknowledged. shard: number of the shard of the cluster that gets them,
    wherever its replicas are by then and with the login of then; 0 if they only ever go to these endpoints with the
    login of before.
    """

    table: str
    endpoints: list[str]
    files: int
    bytes: int
    age: float = 0.0
    shard: int = 0


def read_queues(data: str, table: str, shards: Sequence[Mapping[str, Any]]) -> list[Queue]:
    """The queues of a Distributed table. Names of their directories may hold a login, which is not returned.

    data: directory of the server. shards: of the cluster that the table reads, as read_shards returns them.
    """
    database, _dot, name = table.partition(".")
    queues = []
    for directory in sorted(glob.glob(os.path.join(data, "data", _escaped(database), _escaped(name), "*"))):
        files = glob.glob(os.path.join(glob.escape(directory), "*.bin"))
        if files:
            endpoints, shard = _receivers(os.path.basename(directory), shards)
            size, age = _size_and_age(files)
            queues.append(Queue(table, endpoints, len(files), size, age, shard))
    return queues


def _receivers(directory: str, shards: Sequence[Mapping[str, Any]]) -> tuple[list[str], int]:
    """(endpoints, number of the shard) that the name of a directory stands for."""
    match = COMPACT.fullmatch(directory)
    if not match:
        # user:password@host:port#database for each replica of the shard, each part escaped.
        addresses = [part.rpartition("@")[2].partition("#")[0] for part in directory.split(",")]
        return [unquote(address) for address in addresses], 0
    number, replica = int(match[1]), int(match[2] or 0)
    endpoints = [endpoint for shard in shards[number - 1 : number] for endpoint in shard["endpoints"]]
    return (endpoints[replica - 1 : replica] if replica else endpoints) or [f"shard {number}"], number


def _size_and_age(files: Sequence[str]) -> tuple[int, float]:
    """(bytes, seconds since the oldest was written)."""
    size, oldest = 0, time.time()
    for file in files:
        # A block that has been sent in the meantime is not there any more.
        with contextlib.suppress(FileNotFoundError):
            status = os.stat(file)
            size, oldest = size + status.st_size, min(oldest, status.st_mtime)
    return size, round(time.time() - oldest, 1)


def _escaped(name: str) -> str:
    """A name as the server writes it into a file name, as a pattern of glob."""
    return glob.escape(
        "".join(
            c if c.isascii() and (c.isalnum() or c == "_") else "".join(f"%{b:02X}" for b in c.encode()) for c in name
        )
    )
