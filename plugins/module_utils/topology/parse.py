# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Inventory variables of one host as a member of the ensemble or a replica of the cluster."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..findings import Finding, validation_error

# Defaults of the roles, for hosts whose inventory does not set them; a test compares them with defaults/main.yml.
ZOOKEEPER_PORTS = {"zookeeper_client_port": 2181, "zookeeper_quorum_port": 2888, "zookeeper_election_port": 3888}
PREVIOUS_PORT = "zookeeper_previous_client_port"
CLICKHOUSE_PORTS = {"clickhouse_http_port": 8123, "clickhouse_tcp_port": 9000, "clickhouse_interserver_port": 9009}
# With TLS; 0 opens none.
SECURE_PORTS = {"clickhouse_https_port": 0, "clickhouse_tcp_secure_port": 0}
IDS = range(1, 256)
PORTS = range(1, 65536)
# Shard and replica names become parts of znode paths and file names.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

Variables = Mapping[str, Any]
HostVars = Mapping[str, Variables]


@dataclass(frozen=True)
class Endpoint:
    """How other hosts reach a host.

    host: name in the inventory. name: what others connect to. ip: its address, None when `name` must be resolved.
    address_variable: the variable that sets the address. ports: port by variable.
    """

    host: str
    name: str
    ip: str | None
    address_variable: str
    ports: dict[str, int]


@dataclass(frozen=True)
class Member(Endpoint):
    """A member of the ensemble.

    id: None when the inventory has no valid one. previous_client_port: where it may still listen; 0 for nowhere else.
    """

    id: int | None
    previous_client_port: int = 0


@dataclass(frozen=True)
class Replica(Endpoint):
    """A replica of the cluster; shard is empty when the inventory has none."""

    shard: str
    replica: str


def is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def parse_member(host: str, variables: Variables) -> tuple[Member, list[Finding]]:
    """The member, and the validation errors of its variables."""
    ports, errors = _parse_ports(host, variables, ZOOKEEPER_PORTS)
    value = variables.get("zookeeper_id")
    number = parse_number(value)
    if number not in IDS:
        hint = "Set a unique id for each member in the inventory."
        expected = f"a number from {IDS.start} to {IDS.stop - 1}"
        errors.insert(0, validation_error("zookeeper_id", host, value, expected, hint))
        number = None
    previous, found = _parse_optional_port(host, variables, PREVIOUS_PORT)
    if previous == ports["zookeeper_client_port"]:
        previous = 0
    return Member(*_parse_address(host, variables, "zookeeper_address"), ports, number, previous), errors + found


def parse_replica(host: str, variables: Variables) -> tuple[Replica, list[Finding]]:
    """The replica, and the validation errors of its variables."""
    names = {
        "clickhouse_shard": variables.get("clickhouse_shard"),
        "clickhouse_replica": variables.get("clickhouse_replica", host),
    }
    errors = [
        validation_error(variable, host, value, "a name of letters, digits, '.', '_' and '-'")
        for variable, value in names.items()
        if value is None or not NAME.fullmatch(str(value))
    ]
    ports, port_errors = _parse_ports(host, variables, CLICKHOUSE_PORTS)
    for variable in SECURE_PORTS:
        port, found = _parse_optional_port(host, variables, variable)
        ports.update({variable: port} if port else {})
        port_errors += found
    shard, replica = ("" if value is None else str(value) for value in names.values())
    address = _parse_address(host, variables, "clickhouse_address")
    return Replica(*address, ports, shard, replica), errors + port_errors


def _parse_address(host: str, variables: Variables, variable: str) -> tuple[str, str, str | None, str]:
    """The fields of an Endpoint, without its ports."""
    address = str(variables.get(variable) or variables.get("ansible_host") or host)
    if not is_ip(address):
        return host, address, None, variable
    # IPv6 addresses have many spellings; compare and write only one.
    address = str(ipaddress.ip_address(address))
    return host, address if is_ip(host) else host, address, variable


def _parse_ports(host: str, variables: Variables, defaults: dict[str, int]) -> tuple[dict[str, int], list[Finding]]:
    ports, errors = {}, []
    for variable, default in defaults.items():
        value = variables.get(variable, default)
        number = parse_number(value)
        if number is None or number not in PORTS:
            errors.append(validation_error(variable, host, value, f"a port from {PORTS.start} to {PORTS.stop - 1}"))
            number = default
        ports[variable] = number
    return ports, errors


def _parse_optional_port(host: str, variables: Variables, variable: str) -> tuple[int, list[Finding]]:
    value = variables.get(variable, 0)
    number = parse_number(value)
    if number is not None and (number == 0 or number in PORTS):
        return number, []
    expected = f"a port from {PORTS.start} to {PORTS.stop - 1}, or 0"
    return 0, [validation_error(variable, host, value, expected)]


def parse_number(value: object) -> int | None:
    """Whole numbers, also as text (INI inventories); None for anything else."""
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}", str(value).strip()):
        return None
    return int(str(value))
