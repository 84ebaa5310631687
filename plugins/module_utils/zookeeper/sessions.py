# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether the sessions that own ephemeral znodes are alive. Only the leader knows all sessions of the ensemble."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .admin_server import UNSIGNED
from .status import read_ensemble, read_member
from .transport import Transport
from .walk import SESSION_WAIT, read_again
from .znode import connected

# The leader ends the sessions, so its list is the one that counts. A follower answers with the sessions of its own
# data, which are wrong when its data is. `cons` lists the connections of one member, and a session outlives them.
WORD = "dump"
SETS = re.compile(r"(?:Local |Global )?Session Sets \(")
SESSION = re.compile(r"\t0x([0-9a-f]{1,16})")
END = "ephemeral nodes dump:"
# The word prints the list while sessions move in it, so a list may lack one that is alive; two never lack the same.
ROUNDS = 2


class SessionsError(Exception):
    """There is no list of the sessions; the text says why, `hint` what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def parse_sessions(text: str) -> frozenset[int] | None:
    """The ids of all sessions in the answer of a leader to `dump`; None when it is another answer, or not complete."""
    sessions: set[int] = set()
    listed = False
    for line in text.split("\n"):
        if line == END:
            return frozenset(sessions) if listed else None
        listed = listed or bool(SETS.match(line))
        session = SESSION.fullmatch(line)
        if session:
            sessions.add(int(session[1], 16))
    return None


def read_sessions(hosts: list[tuple[str, int]], timeout: float, transport: Transport) -> frozenset[int]:
    """The ids of the sessions that are alive. Raises SessionsError without the list of the leader.

    hosts: all members. timeout: seconds to wait for the answer of one member.
    """
    statuses = read_ensemble(hosts, timeout, ("srvr",), transport)
    leaders = [status for status in statuses if status.mode in ("leader", "standalone")]
    if len(leaders) != 1:
        names = ", ".join(status.host for status in leaders) or "none of the hosts"
        hint = "Set hosts to all members. If it has them, check the ensemble with playbooks/health.yml."
        raise SessionsError(f"no list of sessions, because the leader is {names}", hint)
    (leader,) = leaders
    status = read_member(leader.host, leader.port, timeout, (WORD,), transport)
    sessions = parse_sessions(status.words.get(WORD, ""))
    if sessions is None:
        hint = (
            f"Add {WORD} to 4lw.commands.whitelist of all members (zookeeper_extra_words of the role zookeeper), or "
            "set admin_port if they have an AdminServer."
        )
        reason = status.error.rstrip(".") or "its answer is another one"
        raise SessionsError(f"no list of sessions from the leader {leader.host}: {reason}", hint)
    return sessions


def find_outlived(
    clients: Sequence[Any],
    owners: Mapping[str, int],
    read: Callable[[], frozenset[int]],
    wait_for_transactions: Callable[[], None],
) -> dict[str, int]:
    """Of ephemeral znodes, those whose session has ended, by path with their owners as numbers without a sign.

    clients: those that have read the znodes. owners: the owner of each, by path. read: read_sessions for the ensemble.
    wait_for_transactions: returns when all transactions that the leader has begun are done. Raises SessionsError.

    The list is read after the znodes, so it has every session that owned one of them and is still alive. A session that
    is not in the list may just be ending: the leader takes it from its list first, and then removes its znodes with a
    transaction. That one is done when a later transaction is, so the znodes are read again after that.
    """
    suspects = {path: owner & UNSIGNED for path, owner in owners.items()}
    for _round in range(ROUNDS):
        if not suspects:
            break
        alive = read()
        own = {client.client_id[0] & UNSIGNED for client in clients if client.client_id}
        if not own or not own <= alive:
            # The list of a member that only believes to lead, or of another ensemble.
            hint = "Check again. With localSessionsEnabled=true the leader does not know every session."
            raise SessionsError("a list of sessions without the one of this module", hint)
        suspects = {path: owner for path, owner in suspects.items() if owner not in alive}
        if suspects:
            wait_for_transactions()
            suspects = _still_there(clients, suspects)
    return suspects


def open_session(hosts: list[tuple[str, int]]) -> None:
    """Open a session and close it: both are transactions, so those that the leader began before are done after that."""
    with connected([hosts], SESSION_WAIT):
        pass


def _still_there(clients: Sequence[Any], suspects: Mapping[str, int]) -> dict[str, int]:
    """The znodes that at least one of the members has, with the same owner as before."""
    return {
        znode.path: suspects[znode.path]
        for client in clients
        for znode in read_again(client, list(suspects))
        if znode.stat.ephemeralOwner & UNSIGNED == suspects[znode.path]
    }
