# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""HAProxy's runtime interface: commands on its socket, and the servers that it has."""

from __future__ import annotations

import csv
import socket
from collections.abc import Mapping
from dataclasses import dataclass

# Seconds for one answer.
TIMEOUT = 5.0
STATES, STATISTICS = "show servers state", "show stat -1 4 -1"
# Bits of srv_admin_state and srv_agent_state.
FORCED_MAINTENANCE, FORCED_DRAIN, AGENT_ENABLED = 0x1, 0x8, 0x4


@dataclass(frozen=True)
class Row:
    """A server of HAProxy. agent: whether its agent is asked. sessions: open ones. agent_answers: what it says is
    that the server is up."""

    address: str
    port: int
    check_port: int
    agent_address: str
    agent_port: int
    maintenance: bool = False
    draining: bool = False
    agent: bool = True
    sessions: int = 0
    agent_answers: bool = False


# By backend and server.
Rows = Mapping[tuple[str, str], Row]


class Runtime:
    """The socket of the running process. Its methods raise OSError when HAProxy does not answer."""

    def __init__(self, path: str) -> None:
        self.path = path

    def ask(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(TIMEOUT)
            connection.connect(self.path)
            connection.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode("utf-8", "replace")

    def state(self) -> str:
        return self.ask(STATES)

    def description(self) -> str:
        """The global description, which tells one configuration from another."""
        lines = (line.partition(": ") for line in self.ask("show info").splitlines())
        return next((value.strip() for name, _colon, value in lines if name == "description"), "")


def state_rows(state: str) -> list[dict[str, str]]:
    """The lines of `show servers state` by column."""
    lines = state.splitlines()
    head = next((line for line in lines if line.startswith("# ")), "#").split()[1:]
    return [dict(zip(head, line.split())) for line in lines if line and line[0].isdigit() and " " in line]


def parse_rows(state: str, statistics: str) -> dict[tuple[str, str], Row]:
    found = {}
    counted = {
        (item["# pxname"], item["svname"]): item for item in csv.DictReader(statistics.strip().splitlines()) if item
    }
    for item in state_rows(state):
        key = (item["be_name"], item["srv_name"])
        numbers = counted.get(key, {})
        admin, agent = int(item["srv_admin_state"]), int(item["srv_agent_state"])
        found[key] = Row(
            item["srv_addr"],
            int(item["srv_port"]),
            int(item["srv_check_port"]),
            item["srv_agent_addr"],
            int(item["srv_agent_port"]),
            bool(admin & FORCED_MAINTENANCE),
            bool(admin & FORCED_DRAIN),
            bool(agent & AGENT_ENABLED),
            int(numbers.get("scur") or 0),
            # A star: that answer is being checked just now.
            (numbers.get("agent_status") or "").lstrip("* ") == "L7OK",
        )
    return found
