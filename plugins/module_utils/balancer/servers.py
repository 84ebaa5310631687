# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The servers that HAProxy should have besides those of haproxy.cfg, and the commands that lead there. Pure.

An entry of the registry makes a server appear; from then on its agent says what it takes. Only the updater adds servers
at run time, so all of them that no entry names are its own to remove: without an agent's `up`, after the hold, first
draining, and when no session is open. Maintenance that an operator has set for another server stays.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ..discovery.entry import Entry
from ..discovery.states import UP
from .runtime import Row, Rows
from .settings import Settings

# What may become part of a command.
NAME = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
Key = tuple[str, str]


@dataclass(frozen=True)
class Wanted:
    """A server. options: of the backend. http_port: where its health is checked. takes_queries: by its entry."""

    address: str
    port: int
    http_port: int
    check_port: int
    options: str
    takes_queries: bool


def wanted_servers(settings: Settings, entries: Mapping[str, Entry], addresses: Mapping[str, str]) -> dict[Key, Wanted]:
    """Servers by backend and name. entries: by path. addresses: the address of each entry, by path, where known."""
    found: dict[Key, Wanted] = {}
    for path, entry in sorted(entries.items()):
        for backend in settings.backends:
            belongs = backend["shard"] in ("", entry.shard) and entry.host not in backend["hosts"]
            if path in addresses and belongs:
                found[(backend["name"], entry.host)] = Wanted(
                    addresses[path],
                    entry.ports[backend["port"]],
                    entry.ports["http"],
                    entry.ports["check"],
                    backend["options"],
                    entry.state == UP,
                )
    return found


def unwanted_servers(settings: Settings, wanted: Mapping[Key, Wanted], rows: Rows) -> set[Key]:
    """Servers that were added for entries that are gone."""
    fixed = {(backend["name"], host) for backend in settings.backends for host in backend["hosts"]}
    names = {backend["name"] for backend in settings.backends}
    return {key for key in rows if key[0] in names and key not in fixed and key not in wanted}


def commands(wanted: Mapping[Key, Wanted], rows: Rows, expired: Collection[Key]) -> Iterator[str]:
    """Commands for the runtime interface; none when nothing differs. expired: unwanted for longer than the hold."""
    hosts = {host for _backend, host in wanted}
    for key, server in wanted.items():
        name, row = "/".join(key), rows.get(key)
        if row is None:
            yield _added(name, server)
            if not server.takes_queries:
                # Until its agent says otherwise.
                yield f"set server {name} weight 0%"
        else:
            yield from _moved(name, server, row)
        # Also a server that was to be removed, or whose addition was interrupted.
        if row is None or not row.agent:
            yield f"enable agent {name}"
            yield f"enable health {name}"
            yield f"set server {name} state ready"
    for key in sorted(expired):
        # A replica that says that it is healthy is kept although it is not registered, unless it has moved.
        if not rows[key].agent_answers or key[1] in hosts:
            yield from _removed("/".join(key), rows[key])


def _added(name: str, server: Wanted) -> str:
    return (
        f"add server {name} {_bracketed(server.address)}:{server.port} {server.options} port {server.http_port}"
        f" agent-addr {server.address} agent-port {server.check_port}"
    )


def _moved(name: str, server: Wanted, row: Row) -> Iterator[str]:
    if (row.address, row.port) != (server.address, server.port):
        yield f"set server {name} addr {server.address} port {server.port}"
    if row.check_port != server.http_port:
        yield f"set server {name} check-port {server.http_port}"
    if (row.agent_address, row.agent_port) != (server.address, server.check_port):
        yield f"set server {name} agent-addr {server.address} port {server.check_port}"


def _removed(name: str, row: Row) -> Iterator[str]:
    if row.agent or not (row.draining or row.maintenance):
        yield f"disable agent {name}"
        yield f"set server {name} state drain"
    elif row.sessions == 0:
        yield f"set server {name} state maint"
        yield f"del server {name}"


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
