# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The size of a member's Java heap."""

from __future__ import annotations

# MiB. With steps, a kernel that reports slightly different memory does not restart the ensemble.
STEP = 256


def heap_mb(memory_mb: int, fraction: float, min_mb: int, max_mb: int) -> int:
    """A fraction of the host's memory, rounded down to whole steps, between a minimum and a maximum; all in MiB."""
    return min(max(int(memory_mb * fraction / STEP) * STEP, min_mb), max_mb)
