# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""An ensemble that somebody else runs, given by the addresses of its members. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ..findings import Finding, validation_error
from .parse import PORTS, Endpoint, HostVars, is_ip, parse_number

NODES = "clickhouse_zookeeper_nodes"
DEFAULT_PORT = 2181
KEYS = ("host", "port", "secure")
# A name of DNS. Addresses of IPv6 are recognised as such.
HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,252}[A-Za-z0-9._])?")
EXAMPLE = "{host: zk1.example.com, port: 2181}"


@dataclass(frozen=True)
class Address:
    """Where clients find a member. secure: with TLS."""

    host: str
    port: int
    secure: bool = False


def nodes_of(hostvars: HostVars, replicas: Sequence[str]) -> Any:
    """The variable of the replicas, who agree on it; None or empty when the ensemble is that of the inventory."""
    return next((value for host in replicas if (value := hostvars.get(host, {}).get(NODES))), None)


def parse_nodes(value: Any, subject: str) -> tuple[list[Address], list[Finding]]:
    """The addresses, and the validation errors of the variable. subject: the replicas."""
    if not value:
        return [], []
    if not isinstance(value, (list, tuple)):
        return [], [validation_error(NODES, subject, value, f"a list of members such as {EXAMPLE}")]
    addresses, errors = [], []
    for number, item in enumerate(value, 1):
        try:
            addresses.append(_parse_node(item))
        except ValueError as error:
            errors.append(validation_error(f"{NODES}, item {number}", subject, error, f"a member such as {EXAMPLE}"))
    return addresses, errors


def _parse_node(item: Any) -> Address:
    """Raises ValueError, which says what was found."""
    if not isinstance(item, Mapping):
        raise ValueError(item)
    if unknown := sorted(str(key) for key in set(item) - set(KEYS)):
        raise ValueError(f"the unknown key {', '.join(unknown)}")
    host = str(item.get("host") or "").strip().strip("[]")
    if is_ip(host):
        host = str(ipaddress.ip_address(host))
    elif not HOST.fullmatch(host):
        raise ValueError(f"the host {host or 'nothing'}")
    port = parse_number(item.get("port", DEFAULT_PORT))
    if port is None or port not in PORTS:
        raise ValueError(f"the port {item['port']}")
    try:
        return Address(host, port, boolean(item.get("secure", False)))
    except TypeError as error:
        raise ValueError(f"secure: {item['secure']}") from error


def validate_external(addresses: Sequence[Address], members: Sequence[Endpoint], subject: str) -> Iterator[Finding]:
    """Contradictions between the addresses, and with the members of the inventory."""
    if not addresses:
        return
    if members:
        found = f"{len(addresses)} members by address, and {len(members)} hosts in the group of the ensemble"
        expected = "one of the two"
        hint = (
            f"With {NODES}, somebody else runs the ensemble: leave the group {', '.join(_hosts(members))} empty. "
            "Without it, the ensemble of the group is deployed and used."
        )
        yield validation_error(NODES, subject, found, expected, hint)
    places = [(address.host, address.port) for address in addresses]
    for host, port in dict.fromkeys(place for place in places if places.count(place) > 1):
        yield validation_error(NODES, subject, f"{host}:{port} {places.count((host, port))} times", "each member once")
    if all(address.secure for address in addresses):
        hint = "Servers use all of them; the modules and agents of this collection speak with the ensemble without TLS."
        yield validation_error(NODES, subject, "only members with secure: true", "a member without TLS", hint)


def render_external(addresses: Sequence[Address]) -> dict[str, Any]:
    """What clients need to find the ensemble; it has no members in the inventory."""
    endpoints = [endpoint(address.host, address.port) for address in addresses if not address.secure]
    return {
        "external": True,
        "members": [],
        "server_lines": [],
        "addresses": [vars(address).copy() for address in addresses],
        "endpoints": endpoints,
        "client_endpoints": endpoints,
        "connection_string": ",".join(endpoints),
        "quorum": len(addresses) // 2 + 1,
        "previous_client_port": 0,
    }


def endpoint(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _hosts(members: Sequence[Endpoint]) -> list[str]:
    return [member.host for member in members]
