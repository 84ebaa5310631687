# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""How far clocks are apart, as far as the time that connections take allows to say. Pure; all times in seconds."""

from __future__ import annotations

from collections.abc import Mapping


def compare_with_host(sent: float, started: float, ended: float, received: float) -> dict[str, float]:
    """clock_offset (how far the host's clock is ahead) and clock_uncertainty (its largest error), as NTP has them.

    sent, received: when the control node began and ended a task. started, ended: when its module did, on the host's
    clock. The time that the module takes is no error, only that of the connection is (RFC 5905).
    """
    return {
        "clock_offset": round((started - sent + ended - received) / 2, 3),
        "clock_uncertainty": round((received - sent - (ended - started)) / 2, 3),
    }


def compare_hosts(clocks: Mapping[str, tuple[float, float]]) -> tuple[str, dict[str, float]]:
    """The host with the median clock, and how far each clock is from it for certain: more than both errors explain.

    clocks: (clock_offset, clock_uncertainty) by host, of at least one host. Behind the median is negative.
    """
    median = sorted(clocks, key=lambda host: clocks[host][0])[(len(clocks) - 1) // 2]
    reference, own_error = clocks[median]
    distances = {}
    for host, (offset, error) in clocks.items():
        certain = max(abs(offset - reference) - error - own_error, 0.0)
        distances[host] = certain if offset >= reference else -certain
    return median, distances
