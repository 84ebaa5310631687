# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which replicas a rolling restart restarts at the same time. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def restart_batches(replicas: Sequence[Mapping[str, Any]], parallel: int) -> list[list[str]]:
    """Hosts that restart together: never two of one shard, and at most `parallel`, in the order of the inventory.

    The first one restarts alone, so that files that a server does not accept stop one replica.
    """
    waiting = list(replicas)
    batches: list[list[str]] = []
    while waiting:
        batch: dict[str, Mapping[str, Any]] = {}
        for replica in waiting:
            if len(batch) < (parallel if batches else 1):
                batch.setdefault(replica["shard"], replica)
        batches.append([replica["host"] for replica in batch.values()])
        waiting = [replica for replica in waiting if replica["host"] not in batches[-1]]
    return batches
