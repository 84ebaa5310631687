# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Counters of members that should not increase: what they add up to within a window of time. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..findings import Finding
from ..limits import Check, Limits, check_limit
from .limits import WINDOW_CHECKS
from .status import MemberStatus


def check_window(
    before: Sequence[MemberStatus], after: Sequence[MemberStatus], seconds: float, limits: Limits
) -> list[Finding]:
    """Findings about members that served at both times. before, after: in the same order, `seconds` apart."""
    findings: list[Finding] = []
    for first, second in zip(before, after):
        for check in WINDOW_CHECKS if first.serving and second.serving else ():
            increase = _increase(check, first, second)
            if increase is not None and check.per_second:
                increase /= seconds
            findings += check_limit(limits, check.name, second.host, increase)
    return findings


def _increase(check: Check, first: MemberStatus, second: MemberStatus) -> float | None:
    start, end = first.metric(check.metric), second.metric(check.metric)
    if start is None or end is None:
        return None
    # A counter starts at 0 when its member does.
    return end - start if end >= start else end
