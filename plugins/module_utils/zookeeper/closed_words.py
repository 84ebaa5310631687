# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""An ensemble that somebody else runs, who may have closed four-letter words: a session says whether a member serves.

A member gives a session only in an ensemble that has its quorum. Servers of Apache always execute srvr; a filter in
front of them, or another server with their protocol, may not.
"""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..findings import CRITICAL, OK, WARNING, Finding
from ..limits import Limits
from .checks import check_ensemble, check_quorum
from .status import GRACE, NOT_ALLOWED, WORDS, MemberStatus, read_ensemble
from .transport import PLAIN, Transport, exchange

# Milliseconds. It ends at once, with the request that follows.
SESSION_TIMEOUT = 10_000
# Protocol version, last zxid, timeout, no earlier session, 16 bytes of no password, not readonly: each with its length.
CONNECT = struct.pack(">iiqiqi16s?", 45, 0, 0, SESSION_TIMEOUT, 0, 16, b"", False)
CLOSE = struct.pack(">iii", 8, 1, -11)
# Length, protocol version, timeout and id of the session.
CONNECTED = struct.Struct(">iiiq")
# Checks of the whole ensemble, which need an answer of each member.
OF_ALL = ("quorum", "one_leader", "synced_followers", "safe_to_stop", "size")
# By host and port: why a member gives no session; empty if it gives one.
Sessions = Mapping[tuple[str, int], str]


def is_silent(status: MemberStatus) -> bool:
    """Whether a member answers, but not whether it serves: the word is closed."""
    return NOT_ALLOWED in status.error or (status.reachable and "srvr" not in status.words)


def ask_for_sessions(statuses: Iterable[MemberStatus], timeout: float, transport: Transport = PLAIN) -> Sessions:
    """Asks all silent members at the same time for a session, within `timeout` seconds."""
    places = [(status.host, status.port) for status in statuses if is_silent(status)]
    answers = dict.fromkeys(places, "timed out")
    deadline = time.monotonic() + timeout

    def ask(place: tuple[str, int]) -> None:
        answers[place] = _session_error(*place, deadline, transport)

    threads = [threading.Thread(target=ask, args=(place,), daemon=True) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(deadline + GRACE - time.monotonic(), 0))
    return dict(answers)


def _session_error(host: str, port: int, deadline: float, transport: Transport) -> str:
    """Why there is no session; empty if there is one. Without a library, because preflight comes before it."""
    try:
        answer = exchange(host, port, CONNECT + CLOSE, deadline, transport.tls)
    except (OSError, ValueError) as error:
        return str(error) or type(error).__name__
    if len(answer) < CONNECTED.size:
        return "no session"
    _length, _version, timeout, session = CONNECTED.unpack_from(answer)
    return "" if timeout > 0 and session else "no session"


def read_quorum(hosts: list[tuple[str, int]], timeout: float, transport: Transport = PLAIN) -> Finding:
    """Whether the ensemble has its quorum, also if its words are closed."""
    statuses = read_ensemble(hosts, timeout, transport=transport)
    return check_quorum_of(statuses, ask_for_sessions(statuses, timeout, transport))


def check_quorum_of(statuses: list[MemberStatus], sessions: Sessions) -> Finding:
    """One session is proof of a quorum. Without a quorum, the finding says why each member does not serve."""
    if not sessions:
        finding = check_quorum(statuses)
        return finding if finding.severity == OK else replace(finding, found=f"{finding.found}{_reasons(statuses, {})}")
    serving = [status for status in statuses if status.serving or sessions.get((status.host, status.port)) == ""]
    found = f"{len(serving)} of {len(statuses)} members give a session{'' if serving else _reasons(statuses, sessions)}"
    hint = "" if serving else "Ask who runs the ensemble; until it has its quorum, nothing can be written."
    severity = OK if serving else CRITICAL
    return Finding("quorum", severity, "ensemble", found, "at least 1, which needs a quorum", hint)


def _reasons(statuses: list[MemberStatus], sessions: Sessions) -> str:
    reasons = {
        f"{status.host}:{status.port}": sessions.get((status.host, status.port)) or status.error or "not serving"
        for status in statuses
        if not status.serving
    }
    return f" ({'; '.join(f'{place}: {reason}' for place, reason in reasons.items())})"


def check_external(statuses: list[MemberStatus], sessions: Sessions, limits: Limits) -> list[Finding]:
    """What the open words say, and sessions where they are closed. What nobody says is not checked, and a warning."""
    if not sessions:
        return [*_without_closed(statuses, limits)]
    speaking = [status for status in statuses if not is_silent(status)]
    findings = [_check_session(status, sessions) for status in statuses if is_silent(status)]
    findings.append(check_quorum_of(statuses, sessions))
    findings += [_closed(status) for status in statuses if is_silent(status)]
    findings += [finding for finding in check_ensemble(speaking, None, limits) if finding.check not in OF_ALL]
    return [finding for finding in findings if finding.check in limits]


def _without_closed(statuses: list[MemberStatus], limits: Limits) -> Iterable[Finding]:
    """Only the leader's mntr says how many followers are in sync."""
    unknown = any(status.mode == "leader" and not status.metrics for status in statuses)
    for finding in check_ensemble(statuses, None, limits):
        if not (unknown and finding.check == "synced_followers"):
            yield finding


def _check_session(status: MemberStatus, sessions: Sessions) -> Finding:
    error = sessions[(status.host, status.port)]
    found = f"no session: {error}" if error else "it gives a session; its words are closed"
    hint = "Ask who runs the ensemble." if error else ""
    return Finding("serving", CRITICAL if error else OK, status.host, found, "a session", hint)


def _closed(status: MemberStatus) -> Finding:
    closed = [word for word in WORDS if word not in status.words]
    hint = (
        f"Ask who runs the ensemble for 4lw.commands.whitelist={','.join(WORDS)}: without it, nothing else can be "
        "checked. zookeeper_health_limits: {metrics: false} accepts it."
    )
    found = f"not known: {', '.join(closed)} {'is' if len(closed) == 1 else 'are'} closed"
    return Finding("metrics", WARNING, status.host, found, "the metrics of the member", hint)
