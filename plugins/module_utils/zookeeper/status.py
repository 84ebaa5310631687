# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The status of an ensemble: all members are asked at the same time, through four-letter words."""

from __future__ import annotations

import math
import re
import socket
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property

from .membership import Server, parse_servers

WORDS = ("srvr", "mntr", "conf")
# Prints one number (the trace mask). Nobody needs it, so a member that executes it executes every word.
PROBE = "gtmk"
NOT_SERVING = "not currently serving requests"
NOT_ALLOWED = "not executed because"
# Bytes. A healthy member answers with less than 100 kB; more is not an answer to a four-letter word.
ANSWER_LIMIT = 1 << 20
# Seconds beyond the timeout that a thread has to hand over its status.
GRACE = 0.2


@dataclass(frozen=True)
class MemberStatus:
    """What one member answered. `words` has the raw text of each four-letter word; `error` says why there is none.

    refused: nothing listens on the port, so the member does not run.
    """

    host: str
    port: int = 2181
    words: dict[str, str] = field(default_factory=dict)
    error: str = ""
    refused: bool = False

    @property
    def reachable(self) -> bool:
        return not self.error

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
            "metrics": self.metrics,
            "error": self.error,
        }


def parse_srvr(text: str) -> dict[str, str]:
    """`Name: value` lines of `srvr`."""
    return {name.strip(): value.strip() for name, found, value in _split(text, ":") if found}


def parse_mntr(text: str) -> dict[str, str]:
    """`name<TAB>value` lines of `mntr`."""
    return {name: value.strip() for name, found, value in _split(text, "\t") if found and name.startswith("zk_")}


def parse_conf(text: str) -> dict[str, str]:
    """`name=value` lines of `conf`."""
    return {name.strip(): value.strip() for name, found, value in _split(text, "=") if found}


def parse_version(text: str) -> str:
    """The number at the start of a member's version; builds append various suffixes."""
    match = re.search(r"(?:^|version:\s*)(\d+\.\d+\.\d+)", text)
    return match.group(1) if match else ""


def _split(text: str, separator: str) -> list[tuple[str, str, str]]:
    return [line.partition(separator) for line in text.splitlines()]


def ask(host: str, port: int, word: str, timeout: float) -> str:
    """The answer to one four-letter word. Raises OSError when there is none within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    with _connect(host, port, deadline) as connection:
        connection.sendall(word.encode())
        answer = b""
        while len(answer) < ANSWER_LIMIT:
            connection.settimeout(_remaining(deadline))
            chunk = connection.recv(65536)
            if not chunk:
                break
            answer += chunk
    return answer.decode("utf-8", "replace")


def _connect(host: str, port: int, deadline: float) -> socket.socket:
    """A connection to the first address of a host that accepts one: all addresses share one deadline."""
    failure: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            connection = socket.socket(family, kind, protocol)
        except OSError as error:
            failure = error
            continue
        try:
            connection.settimeout(_remaining(deadline))
            connection.connect(address)
            return connection
        except OSError as error:
            connection.close()
            failure = error
    raise failure


def _remaining(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.001)


def read_member(host: str, port: int, timeout: float, words: tuple[str, ...] = WORDS) -> MemberStatus:
    """The status of one member. All words together have `timeout` seconds."""
    deadline = time.monotonic() + timeout
    answers: dict[str, str] = {}
    try:
        for word in words:
            answers[word] = ask(host, port, word, _remaining(deadline))
    except (OSError, UnicodeError) as error:
        refused = isinstance(error, ConnectionRefusedError)
        return MemberStatus(host, port, error=str(error) or type(error).__name__, refused=refused)
    # A member that something else deployed may allow only some of the words.
    allowed = {word: text for word, text in answers.items() if NOT_ALLOWED not in text}
    if not any(allowed.values()):
        rejected = next((text.strip() for text in answers.values() if NOT_ALLOWED in text), "")
        return MemberStatus(host, port, error=rejected or "the connection was closed without an answer")
    return MemberStatus(host, port, allowed)


def read_ensemble(
    endpoints: list[tuple[str, int]], timeout: float, words: tuple[str, ...] = WORDS
) -> list[MemberStatus]:
    """The status of all members, asked at the same time: members that are down cost one timeout in total."""
    statuses = [MemberStatus(host, port, error="timed out") for host, port in endpoints]

    def read(index: int) -> None:
        statuses[index] = read_member(*endpoints[index], timeout, words)

    # Not a pool: the end of the module would wait for its threads, and a name server that is down for long.
    threads = [threading.Thread(target=read, args=(index,), daemon=True) for index in range(len(endpoints))]
    deadline = time.monotonic() + timeout + GRACE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))
    return list(statuses)
