# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What an AdminServer says, translated to the text of the four-letter words that mean the same."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .transport import ANSWER_LIMIT, exchange

# Which commands have the content of a word. `stats` would list every connection as well.
COMMANDS = {
    "srvr": ("server_stats",),
    "mntr": ("monitor",),
    "conf": ("configuration", "voting_view"),
    "dump": ("dump",),
}
# Bytes of an answer that lists every session and the path of every ephemeral znode.
LIMITS = {"dump": 32 << 20}
# The bits of a signed number of 64 bits, as ZooKeeper prints them.
UNSIGNED = (1 << 64) - 1
NOT_SERVING = "not currently serving requests"
# A count that mntr lacks.
FSYNC = "fsync_threshold_exceed_count"
STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})")
NAME = re.compile(r"\w{1,200}")
ADDRESS = re.compile(r"(?P<host>[^\s|;]+):(?P<port>\d{1,5})")


class AdminServerError(Exception):
    """The AdminServer does not answer, or not with JSON. `refused`: nothing listens on its port."""

    def __init__(self, message: str, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused


def ask_admin_server(host: str, port: int, command: str, deadline: float) -> dict[str, Any]:
    """The answer to one command. Raises AdminServerError when there is none before `deadline` (of time.monotonic)."""
    name = f"[{host}]" if ":" in host else host
    # HTTP 1.0: the server closes the connection and sends no chunks.
    request = f"GET /commands/{command} HTTP/1.0\r\nHost: {name}:{port}\r\nAccept: application/json\r\n\r\n"
    try:
        limit = LIMITS.get(command, ANSWER_LIMIT)
        answer = exchange(host, port, request.encode("ascii", "replace"), deadline, limit=limit)
    except (OSError, ValueError) as error:
        refused = isinstance(error, ConnectionRefusedError)
        raise AdminServerError(str(error) or type(error).__name__, refused) from error
    head, _blank, body = answer.partition(b"\r\n\r\n")
    status = STATUS_LINE.match(head)
    # Newer versions send errors that are JSON with another status than 200.
    result = _parse(body) if status else None
    if not isinstance(result, dict):
        found = f"HTTP status {status[1].decode()}" if status and status[1] != b"200" else "no JSON"
        raise AdminServerError(f"{found} in answer to {command}")
    return result


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def ask_for_words(host: str, port: int, words: tuple[str, ...], deadline: float) -> dict[str, dict[str, Any]]:
    """The answers by command: server_stats, and those with the content of these words.

    Raises AdminServerError without an answer before `deadline`.
    """
    stats = ask_admin_server(host, port, "server_stats", deadline)
    answers = {"server_stats": stats}
    error = _line(stats.get("error"))
    if NOT_SERVING not in error:
        # Whoever takes another answer for one could stop a member that serves.
        if error or not _line(_dict(stats.get("server_stats")).get("server_state")):
            raise AdminServerError(error[:200] or "no server_state in the answer to server_stats")
        # A member without a quorum answers some of these with an exception.
        for command in [command for word in words for command in COMMANDS.get(word, ())]:
            if command not in answers:
                answers[command] = ask_admin_server(host, port, command, deadline)
    return answers


def translated(answers: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The text of srvr, mntr, conf and dump, from the answers by command. Words without any content are left out.

    A member that is not serving says so in `srvr`, as it does with the word.
    """
    error = _line(answers.get("server_stats", {}).get("error"))
    if error:
        return {"srvr": f"{error}\n"}
    usable = {command: answer for command, answer in answers.items() if not answer.get("error")}
    stats, monitor = usable.get("server_stats", {}), usable.get("monitor", {})
    conf = _conf(usable.get("configuration", {})) + _servers(usable.get("voting_view", {}))
    texts = {
        "srvr": _srvr(stats),
        "mntr": _mntr(monitor) + _fsync(stats),
        "conf": conf,
        "dump": _dump(usable.get("dump", {}), stats),
    }
    return {word: "".join(f"{line}\n" for line in lines) for word, lines in texts.items() if lines}


def _fsync(stats: Mapping[str, Any]) -> list[str]:
    """The count of slow fsyncs, as a line of mntr would say it."""
    value = _line(_dict(stats.get("server_stats")).get(FSYNC))
    return [f"zk_{FSYNC}\t{value}"] if value else []


def _srvr(stats: Mapping[str, Any]) -> list[str]:
    figures = _dict(stats.get("server_stats"))
    zxid = figures.get("last_processed_zxid")
    values = {
        "Zookeeper version": _line(stats.get("version")),
        "Zxid": _hex(zxid),
        "Mode": _line(figures.get("server_state")),
        "Node count": _line(stats.get("node_count")),
    }
    return [f"{name}: {value}" for name, value in values.items() if value]


def _mntr(monitor: Mapping[str, Any]) -> list[str]:
    return [f"zk_{name}\t{value}" for name, value in _values(monitor)]


def _dump(dump: Mapping[str, Any], stats: Mapping[str, Any]) -> list[str]:
    """The sessions, without the znodes that they own. Members that follow a leader answer with an empty list."""
    leads = _line(_dict(stats.get("server_stats")).get("server_state")) in ("leader", "standalone")
    sets = dump.get("expiry_time_to_session_ids")
    if not leads or not isinstance(sets, dict):
        return []
    sessions = [text for ids in sets.values() for text in map(_hex, _list(ids)) if text]
    counts = f"Session Sets ({len(sets)})/({len(sessions)}):"
    return ["SessionTracker dump:", counts, *(f"\t{text}" for text in sessions), "ephemeral nodes dump:"]


def _conf(configuration: Mapping[str, Any]) -> list[str]:
    """max_client_cnxns of the AdminServer is maxClientCnxns of conf."""
    return [f"{_camel(name)}={value}" for name, value in _values(configuration)]


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def _servers(voting_view: Mapping[str, Any]) -> list[str]:
    """server.1=zk1:2888:3888:participant for each voter; the AdminServer names no observers."""
    lines = []
    for number, server in _dict(voting_view.get("current_config")).items():
        server = _dict(server)
        quorum, election = _list(server.get("server_addresses")), _list(server.get("election_addresses"))
        pairs = [_pair(one, other) for one, other in zip(quorum, election)]
        role = _line(server.get("learner_type")) or "participant"
        if re.fullmatch(r"\d{1,9}", number) and pairs and all(pairs):
            lines.append(f"server.{number}={'|'.join(pairs)}:{role}")
    return ["membership: ", *lines] if lines else []


def _pair(quorum: Any, election: Any) -> str:
    """zk1:2888 and zk1:3888 as zk1:2888:3888."""
    one, other = ADDRESS.fullmatch(str(quorum)), ADDRESS.fullmatch(str(election))
    return f"{one['host']}:{one['port']}:{other['port']}" if one and other else ""


def _values(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The names that have one value, without those that say which command it was."""
    lines = [(name, _line(value)) for name, value in answer.items() if name not in ("command", "error")]
    return [(name, value) for name, value in lines if value and NAME.fullmatch(name)]


def _line(value: Any) -> str:
    """One value as text on one line; empty when it is none."""
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(str(value).split()) if isinstance(value, (str, int, float)) else ""


def _hex(value: Any) -> str:
    """A signed number of 64 bits as ZooKeeper prints it; empty when it is none."""
    return hex(value & UNSIGNED) if isinstance(value, int) and not isinstance(value, bool) else ""


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
