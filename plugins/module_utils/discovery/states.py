# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The state of a replica: what one look at its server says, damped over several looks. Pure."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

UP, LAGGING, READONLY, DOWN = "up", "lagging", "readonly", "down"
# From the best to the worst.
ORDER = (UP, LAGGING, READONLY, DOWN)
# Asked for by an operator; never damped.
DRAINING = "draining"
# What an entry of the registry may say. A replica that is down is not registered.
REGISTERED = (UP, LAGGING, READONLY, DRAINING)
# Characters of a reason in an answer to the balancer.
SHOWN = 80


@dataclass(frozen=True)
class Observation:
    """What one look at the server says. reason: why it is not up."""

    state: str
    reason: str = ""


def observe(tables: Sequence[Mapping[str, Any]], max_delay: float, ignored: Sequence[str] = ()) -> Observation:
    """The state by the worst table of system.replicas.

    max_delay: seconds. Until the session of a killed process has expired, 18.16 reports a delay of about Unix time:
    that is lagging too. ignored: shell patterns of `database.table` that do not count.
    """
    readonly, lagging = [], []
    for table in tables:
        name = f"{table['database']}.{table['table']}"
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in ignored):
            continue
        if int(table["is_readonly"]) or int(table["is_session_expired"]):
            readonly.append(name)
        elif int(table["absolute_delay"]) > max_delay:
            lagging.append(name)
    for state, names in ((READONLY, readonly), (LAGGING, lagging)):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            return Observation(state, f"{names[0]}{more}")
    return Observation(UP)


class Damper:
    """Changes the state only after several observations in a row that agree.

    fall: how many must be worse than the state; the best of them is the new one. rise: how many must be better; the
    worst of them is the new one. The first observation is the first state.
    """

    def __init__(self, rise: int, fall: int) -> None:
        self.rise, self.fall = rise, fall
        self.state = ""
        self._row: list[int] = []

    def add(self, state: str) -> str:
        """The state after one more observation."""
        if not self.state:
            self.state = state
            return state
        current, rank = ORDER.index(self.state), ORDER.index(state)
        worse = rank > current
        if self._row and (rank == current or worse != (self._row[0] > current)):
            self._row = []
        if rank != current:
            self._row.append(rank)
        if len(self._row) >= (self.fall if worse else self.rise) and rank != current:
            self.state = ORDER[min(self._row) if worse else max(self._row)]
            self._row = []
        return self.state


class Outage:
    """Whether the ensemble is away, or was until a moment ago. All replicas are readonly then, and that is no reason to
    take any of them out.

    hold: seconds after the loss until tables count again, although the ensemble is still away. settle: seconds that
    servers need for new sessions after it is back. Times are those of a clock that never goes back.
    """

    def __init__(self, hold: float, settle: float) -> None:
        self.hold, self.settle = hold, settle
        self.since: float | None = None
        self._back: float | None = None
        self._known = False
        self._up: float | None = None

    def note(self, connected: bool, now: float) -> None:
        if not connected:
            self.since = now if self.since is None else self.since
            self._back = None
            return
        if self.since is not None:
            self._back = now if self._back is None else self._back
            # The first session is the agent's own start, not the end of an outage.
            if not self._known or now - self._back >= self.settle:
                self.since = self._back = None
        self._known = True

    def explains(self, state: str, now: float) -> bool:
        """Whether an outage that begins just now explains the state: the replica was up a moment ago.

        Members end one after the other. A server may have lost its session with one of them, and its tables may have
        been readonly, before the agent lost its own.
        """
        if state == UP and self.since is None:
            self._up = now
        recently = self._up is not None and now - self._up < self.settle
        return self.since == now and state in (LAGGING, READONLY) and recently

    def holds(self, observed: str, state: str, now: float) -> bool:
        """Whether the state before the outage stays in spite of what was observed. A server that is down is down."""
        tables = (UP, LAGGING, READONLY)
        return self.since is not None and now - self.since < self.hold and observed in tables[1:] and state in tables


def agent_check(state: str, weight: int, reason: str = "") -> str:
    """The line that HAProxy's agent-check reads. weight: percent of the weight of the server in the balancer.

    A weight of 0 drains: running queries end, and no new one comes. The words drain and ready would do the same, but
    also undo what an operator has set in the balancer.
    """
    if state == DOWN:
        text = "".join(character if " " <= character <= "~" else " " for character in reason)
        return f"down #{text[:SHOWN]}\n"
    return f"up {weight if state == UP else 0}%\n"
