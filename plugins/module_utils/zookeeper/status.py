# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The status of an ensemble: all members are asked at the same time, through four-letter words."""

from __future__ import annotations

import math
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .membership import Server, parse_servers

WORDS = ("srvr", "mntr", "conf")
NOT_SERVING = "not currently serving requests"
NOT_ALLOWED = "not executed because"
# Bytes. A healthy member answers with less than 100 kB; more is not an answer to a four-letter word.
ANSWER_LIMIT = 1 << 20


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

    @property
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
    with socket.create_connection((host, port), timeout=timeout) as connection:
        connection.sendall(word.encode())
        answer = b""
        while len(answer) < ANSWER_LIMIT:
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
            chunk = connection.recv(65536)
            if not chunk:
                break
            answer += chunk
    return answer.decode("utf-8", "replace")


def read_member(host: str, port: int, timeout: float, words: tuple[str, ...] = WORDS) -> MemberStatus:
    answers: dict[str, str] = {}
    try:
        for word in words:
            answers[word] = ask(host, port, word, timeout)
    except (OSError, UnicodeError) as error:
        refused = isinstance(error, ConnectionRefusedError)
        return MemberStatus(host, port, error=str(error) or type(error).__name__, refused=refused)
    # A member that something else deployed may allow only some of the words.
    allowed = {word: text for word, text in answers.items() if NOT_ALLOWED not in text}
    if not any(allowed.values()):
        rejected = next((text.strip() for text in answers.values() if NOT_ALLOWED in text), "")
        return MemberStatus(host, port, error=rejected or "the connection was closed without an answer")
    return MemberStatus(host, port, allowed)


def read_ensemble(endpoints: list[tuple[str, int]], timeout: float) -> list[MemberStatus]:
    """The status of all members, asked at the same time: members that are down cost one timeout in total."""
    if not endpoints:
        return []
    with ThreadPoolExecutor(max_workers=len(endpoints)) as pool:
        return list(pool.map(lambda endpoint: read_member(endpoint[0], endpoint[1], timeout), endpoints))
