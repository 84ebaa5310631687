# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which member leads, and in which order members restart. Pure."""

from __future__ import annotations

from .status import MemberStatus


def restart_order(statuses: list[MemberStatus]) -> list[str]:
    """The order of a rolling restart: members that are not serving, then followers, the leader last."""
    rank = {"": 0, "observer": 1, "follower": 2, "standalone": 3, "leader": 4}
    return [status.host for status in sorted(statuses, key=lambda status: rank.get(status.mode, 0))]


def leader_of(statuses: list[MemberStatus]) -> str | None:
    leaders = [status.host for status in statuses if status.mode == "leader"]
    return leaders[0] if len(leaders) == 1 else None
