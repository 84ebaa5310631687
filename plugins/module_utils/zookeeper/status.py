# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The status of an ensemble: all members are asked at the same time, by four-letter words or their AdminServer."""

from __future__ import annotations

import math
import re
import ssl
import threading
import time
from dataclasses import dataclass, field, replace
from functools import cached_property

from .admin_server import COMMANDS, AdminServerError, ask_for_words, translated
from .membership import Server, parse_servers
from .transport import PLAIN, Transport, exchange, remaining
from .words import parse_conf, parse_mntr, parse_srvr, parse_version

WORDS = ("srvr", "mntr", "conf")
# Prints one number (the trace mask). Nobody needs it, so a member that executes it executes every word.
PROBE = "gtmk"
NOT_ALLOWED = "not executed because"
# Seconds beyond the timeout that a thread has to hand over its status.
GRACE = 0.2


@dataclass(frozen=True)
class MemberStatus:
    """What one member answered. `words` has the raw text of each four-letter word; `error` says why there is none.

    refused: nothing listens on the port, so the member does not run.
    from_admin_server: the words whose text is a translation of what the AdminServer said.
    """

    host: str
    port: int = 2181
    words: dict[str, str] = field(default_factory=dict)
    error: str = ""
    refused: bool = False
    from_admin_server: frozenset[str] = frozenset()

    @property
    def reachable(self) -> bool:
        return not self.error

    @property
    def source(self) -> str:
        """words or admin_server, whichever said that it serves; empty without an answer."""
        if not self.reachable:
            return ""
        return "admin_server" if "srvr" in self.from_admin_server else "words"

    @property
    def full_config(self) -> bool:
        """Whether `conf` is complete. The AdminServer leaves out observers, weights and some of the settings."""
        return "conf" not in self.from_admin_server

    @property
    def serving(self) -> bool:
        return self.mode in ("leader", "follower", "observer", "standalone")

    @property
    def mode(self) -> str:
        """leader, follower, observer, standalone; empty while the member is not serving."""
        return parse_srvr(self.words.get("srvr", "")).get("Mode", "")

    @cached_property
    def metrics(self) -> dict[str, str]:
        return parse_mntr(self.words.get("mntr", ""))

    @property
    def version(self) -> str:
        return parse_version(self.metrics.get("zk_version") or self.words.get("srvr", ""))

    @property
    def zxid(self) -> int | None:
        text = parse_srvr(self.words.get("srvr", "")).get("Zxid", "")
        return int(text, 16) if re.fullmatch(r"0x[0-9a-f]+", text) else None

    @property
    def znodes(self) -> int | None:
        """The number of znodes, printed together with the zxid."""
        text = parse_srvr(self.words.get("srvr", "")).get("Node count", "")
        return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None

    @property
    def server_id(self) -> int | None:
        text = parse_conf(self.words.get("conf", "")).get("serverId", "")
        return int(text) if re.fullmatch(r"\d{1,9}", text) else None

    @property
    def servers(self) -> dict[int, Server]:
        """The members of its ensemble, as it reports them; empty when it does not."""
        return parse_servers(self.words.get("conf", ""))

    def metric(self, name: str) -> float | None:
        """A number of `mntr`, or None when the member does not report it."""
        try:
            value = float(self.metrics.get(name, ""))
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def summary(self) -> dict:
        """The figures that a report shows for each member; None for what it does not report."""
        return {
            "host": self.host,
            "mode": self.mode,
            "version": self.version,
            "zxid": self.zxid,
            "uptime_ms": self.metric("zk_uptime"),
            "avg_latency": self.metric("zk_avg_latency"),
            "max_latency": self.metric("zk_max_latency"),
            "outstanding_requests": self.metric("zk_outstanding_requests"),
            "connections": self.metric("zk_num_alive_connections"),
            "znodes": self.metric("zk_znode_count"),
            "data_bytes": self.metric("zk_approximate_data_size"),
            "synced_followers": self.metric("zk_synced_followers"),
            "error": self.error,
        }

    def as_dict(self) -> dict:
        return {
            "host": self.host,
            "port": self.port,
            "reachable": self.reachable,
            "serving": self.serving,
            "mode": self.mode,
            "version": self.version,
            "zxid": self.zxid,
            "server_id": self.server_id,
            "source": self.source,
            "metrics": self.metrics,
            "error": self.error,
        }


def ask(host: str, port: int, word: str, timeout: float, tls: ssl.SSLContext | None = None) -> str:
    """The answer to one four-letter word. Raises OSError when there is none within `timeout` seconds."""
    return exchange(host, port, word.encode(), time.monotonic() + timeout, tls).decode("utf-8", "replace")


def read_member(
    host: str, port: int, timeout: float, words: tuple[str, ...] = WORDS, transport: Transport = PLAIN
) -> MemberStatus:
    """The status of one member. All questions together have `timeout` seconds."""
    deadline = time.monotonic() + timeout
    # Half of the time is for the AdminServer of a member that does not answer words at all.
    patience = timeout / 2 if transport.admin_port else timeout
    status = _read_words(host, port, deadline - timeout + patience, words, transport.tls)
    if status.refused and transport.previous_port:
        other = _read_words(host, transport.previous_port, deadline - timeout + patience, words, transport.tls)
        status = status if other.refused else other
    return _complete(status, words, transport.admin_port, deadline) if transport.admin_port else status


def _read_words(
    host: str, port: int, deadline: float, words: tuple[str, ...], tls: ssl.SSLContext | None
) -> MemberStatus:
    answers: dict[str, str] = {}
    try:
        for word in words:
            answers[word] = ask(host, port, word, remaining(deadline), tls)
    except (OSError, ValueError) as error:
        refused = isinstance(error, ConnectionRefusedError)
        return MemberStatus(host, port, error=str(error) or type(error).__name__, refused=refused)
    # A member that something else deployed may allow only some of the words.
    allowed = {word: text for word, text in answers.items() if NOT_ALLOWED not in text}
    if not any(allowed.values()):
        rejected = next((text.strip() for text in answers.values() if NOT_ALLOWED in text), "")
        return MemberStatus(host, port, error=rejected or "the connection was closed without an answer")
    return MemberStatus(host, port, allowed)


def _complete(status: MemberStatus, words: tuple[str, ...], admin_port: int, deadline: float) -> MemberStatus:
    """The status with what the AdminServer knows beyond the words, or instead of them."""
    missing = tuple(word for word in words if word in COMMANDS and not status.words.get(word))
    try:
        found = translated(ask_for_words(status.host, admin_port, missing, deadline))
    except AdminServerError as error:
        if status.reachable:
            return status
        reason = f"{status.error}; AdminServer on port {admin_port}: {error}"
        return replace(status, error=reason, refused=status.refused and error.refused)
    added = {word: text for word, text in found.items() if word in missing}
    texts = {**status.words, **added}
    if status.words.get("mntr") and "mntr" in found:
        # The metrics that mntr lacks.
        texts["mntr"] = status.words["mntr"].rstrip("\n") + "\n" + found["mntr"]
    return MemberStatus(status.host, status.port, texts, from_admin_server=frozenset(added))


def read_ensemble(
    endpoints: list[tuple[str, int]],
    timeout: float,
    words: tuple[str, ...] = WORDS,
    transport: Transport = PLAIN,
) -> list[MemberStatus]:
    """The status of all members, asked at the same time: members that are down cost one timeout in total."""
    statuses = [MemberStatus(host, port, error="timed out") for host, port in endpoints]

    def read(index: int) -> None:
        statuses[index] = read_member(*endpoints[index], timeout, words, transport)

    # Not a pool: the end of the module would wait for its threads, and a name server that is down for long.
    threads = [threading.Thread(target=read, args=(index,), daemon=True) for index in range(len(endpoints))]
    deadline = time.monotonic() + timeout + GRACE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))
    return list(statuses)
