# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Who votes in an ensemble, and which members together are a quorum. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from .status import MemberStatus

# As `conf` prints them in an ensemble with weights: group.1=1:2:3 and weight.1=2.
GROUP = re.compile(r"\s*group\.\d{1,9}\s*=\s*(\d{1,9}(?::\d{1,9})*)\s*")
WEIGHT = re.compile(r"\s*weight\.(\d{1,9})\s*=\s*(\d{1,9})\s*")


def quorum_size(voters: int) -> int:
    """How many of `voters` must serve so that the ensemble serves."""
    return voters // 2 + 1


@dataclass(frozen=True)
class Voters:
    """The voters of an ensemble; observers are none of them.

    size: how many there are. ids: their server ids; None when no member reports them.
    groups: weights by server id, for each group that has any weight; empty in an ensemble without weights.
    """

    size: int
    ids: frozenset[int] | None = None
    groups: tuple[dict[int, int], ...] = field(default=())

    @property
    def needed(self) -> int:
        return quorum_size(self.size)

    def serving(self, statuses: Iterable[MemberStatus]) -> list[MemberStatus]:
        """Those that serve as voters. A follower that is known not to vote has not joined yet."""
        return [
            status for status in statuses if status.serving and status.mode != "observer" and self._may_vote(status)
        ]

    def _may_vote(self, status: MemberStatus) -> bool:
        return self.ids is None or status.server_id is None or status.server_id in self.ids

    def is_quorum(self, members: list[MemberStatus]) -> bool:
        """Whether these voters are a quorum: a majority of them or, with weights, of the weight in most groups."""
        if not self.groups:
            return len(members) >= self.needed
        return self._has_most_weight({member.server_id for member in members})

    def is_essential(self, server_id: int | None) -> bool:
        """Whether the ensemble never has a quorum without this voter."""
        if not self.groups:
            return self.needed == self.size
        return not self._has_most_weight({number for number in self.ids or () if number != server_id})

    def _has_most_weight(self, ids: Collection[int | None]) -> bool:
        won = sum(
            sum(weight for number, weight in group.items() if number in ids) > sum(group.values()) // 2
            for group in self.groups
        )
        return won > len(self.groups) // 2


def voters_of(statuses: list[MemberStatus]) -> Voters:
    """The voters, as the serving members report them. When they do not agree, or say nothing, everyone counts.

    A host that the members do not know counts as well: they may be a part of the ensemble that runs by itself.
    """
    reporting = [status for status in statuses if status.serving and status.servers]
    # The AdminServer reports the ids alone, so a member that reports weights comes first.
    reporting.sort(key=lambda status: not status.full_config)
    views = [_view(status) for status in reporting]
    size = max([len(statuses) - _count_observers(statuses), *(view.size for view in views)])
    agree = bool(views) and all(
        view == views[0] if status.full_config else view.ids == views[0].ids for status, view in zip(reporting, views)
    )
    if not agree:
        return Voters(size)
    return views[0] if views[0].groups else replace(views[0], size=size)


def _count_observers(statuses: list[MemberStatus]) -> int:
    """Observers that a member lists, and those that only say so themselves."""
    listed = [server for status in statuses for server in status.servers.values() if server.observer]
    alone = {status.server_id for status in statuses if status.mode == "observer" and not status.full_config}
    return len({server.host for server in listed}) + len(alone - {server.id for server in listed} - {None})


def _view(status: MemberStatus) -> Voters:
    ids = frozenset(server.id for server in status.servers.values() if not server.observer)
    weights = dict.fromkeys(ids, 1)
    groups = []
    for line in status.words["conf"].splitlines():
        group, weight = GROUP.fullmatch(line), WEIGHT.fullmatch(line)
        if weight and int(weight[1]) in ids:
            weights[int(weight[1])] = int(weight[2])
        if group:
            groups.append([int(number) for number in group[1].split(":")])
    weighted = [{number: weights[number] for number in group if number in ids} for group in groups]
    # ZooKeeper does not count groups without any weight.
    counted = tuple(group for group in weighted if sum(group.values()))
    size = sum(weights[number] > 0 for number in ids) if counted else len(ids)
    return Voters(size, ids, counted)
