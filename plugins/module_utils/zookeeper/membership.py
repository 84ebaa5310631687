# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The members of an ensemble, from server lines as zoo.cfg and the four-letter word conf have them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

LINE = re.compile(r"\s*server\.(?P<id>\d{1,9})\s*=\s*(?P<value>.*?)\s*")
# host:quorum:election, then a role and a client address, which do not identify a member.
ADDRESS = re.compile(
    r"(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:\[\];|]+)):(?P<quorum>\d{1,5}):(?P<election>\d{1,5})(?::\w+)?(?:;.*)?"
)
OBSERVER = re.compile(r":observer\s*(?:;|$)")


@dataclass(frozen=True)
class Server:
    """One member. Without ports, `host` is text that is no address. An observer does not vote."""

    id: int
    host: str
    quorum_port: int = 0
    election_port: int = 0
    observer: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host and self.quorum_port else self.host
        ports = f":{self.quorum_port}:{self.election_port}" if self.quorum_port else ""
        return f"server.{self.id}={host}{ports}"


def parse_servers(text: str) -> dict[int, Server]:
    """Members by id, from any text with server lines. A member with several addresses is known by its first one."""
    servers = {}
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        if match:
            number, value = int(match["id"]), match["value"]
            address, observer = ADDRESS.fullmatch(value.partition("|")[0]), bool(OBSERVER.search(value))
            if address:
                host, ports = address["v6"] or address["host"], (int(address["quorum"]), int(address["election"]))
                servers[number] = Server(number, host, *ports, observer=observer)
            else:
                servers[number] = Server(number, value, observer=observer)
    return servers


def voting(servers: dict[int, Server]) -> list[Server]:
    return [server for server in servers.values() if not server.observer]


def server_lines(servers: Iterable[Server]) -> str:
    return ", ".join(str(server) for server in sorted(servers, key=lambda server: server.id))
