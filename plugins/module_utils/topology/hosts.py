# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks that the hosts agree with the topology: names, addresses and clocks."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..clock import compare_hosts
from ..findings import Finding, validation_error


@dataclass(frozen=True)
class HostStatus:
    """What host_info returned for one host.

    own_addresses: addresses of its interfaces. resolved: addresses by name, as the host resolves them.
    hosts_file: addresses by name in /etc/hosts, outside the managed block.
    clock_offset, clock_uncertainty: seconds ahead of the control node; None when they were not measured.
    """

    own_addresses: list[str]
    resolved: dict[str, list[str]]
    hosts_file: dict[str, list[str]]
    clock_offset: float | None = None
    clock_uncertainty: float = 0.0

    @classmethod
    def from_result(cls, result: Mapping[str, Any]) -> HostStatus:
        offset = result.get("clock_offset")
        return cls(
            result["own_addresses"],
            result.get("resolved", {}),
            result.get("hosts_file", {}),
            None if offset is None else float(offset),
            float(result.get("clock_uncertainty", 0.0)),
        )


def check_hosts(
    topology: Mapping[str, Any],
    results: Mapping[str, Mapping[str, Any] | None],
    manage_names: bool,
    max_clock_skew: float,
) -> list[Finding]:
    """Validation errors for hosts that do not agree with the topology.

    results: what host_info returned, by host; None for a host that is not in this run.
    manage_names: whether the role host writes the names into /etc/hosts. max_clock_skew: in seconds.
    """
    statuses = {
        host: HostStatus.from_result(result) for host, result in results.items() if result and "own_addresses" in result
    }
    endpoints = [*topology["ensemble"]["members"], *topology["cluster"]["replicas"]]
    single_host = len({endpoint["host"] for endpoint in endpoints}) == 1
    errors: list[Finding] = []
    for endpoint in endpoints:
        status = statuses.get(endpoint["host"])
        if status:
            errors += _check_names(endpoint, status, manage_names, single_host)
            others = [other for other in endpoints if other["host"] != endpoint["host"]]
            errors += _check_other_names(endpoint["host"], others, status, manage_names)
    errors += _check_clocks(statuses, max_clock_skew)
    # A host in both groups reports the same error twice.
    return list(dict.fromkeys(errors))


def _check_names(endpoint: dict, status: HostStatus, manage_names: bool, single_host: bool) -> Iterator[Finding]:
    host, name, ip = endpoint["host"], endpoint["name"], endpoint["ip"]
    variable = endpoint["address_variable"]
    if ip and ip not in status.own_addresses:
        found, hint = f"{ip}, which is on none of its interfaces", f"Set {variable} to an address of the host."
        yield validation_error(variable, host, found, "an address of the host", hint)
    elif ip and not single_host and ipaddress.ip_address(ip).is_loopback:
        hint = f"Set {variable} to an address that the other hosts can reach."
        yield validation_error(variable, host, f"{ip}, a loopback address", "an address of the host", hint)
    elif ip and manage_names:
        yield from _check_hosts_file(host, name, ip, status)
    else:
        yield from _check_resolution(endpoint, status)


def _check_hosts_file(host: str, name: str, ip: str, status: HostStatus) -> Iterator[Finding]:
    """The managed block gives the name its address; another line for the same name contradicts it."""
    others = [address for address in status.hosts_file.get(name, []) if address != ip]
    if others:
        hint = f"Remove this line: a host that resolves its own name to {others[0]} listens where nobody reaches it."
        yield validation_error(f"{name} in /etc/hosts", host, ", ".join(others), ip, hint)


def _check_other_names(host: str, others: list[dict], status: HostStatus, manage_names: bool) -> Iterator[Finding]:
    """The names of all other hosts lead to their addresses."""
    for other in others:
        name, ip = other["name"], other["ip"]
        if ip == name:
            continue
        stale = [address for address in status.hosts_file.get(name, []) if ip and address != ip]
        resolved = status.resolved.get(name, [])
        loopback = [address for address in resolved if ipaddress.ip_address(address.partition("%")[0]).is_loopback]
        if stale:
            hint = f"Remove this line: with it, the host does not reach {other['host']}."
            yield validation_error(f"{name} in /etc/hosts", host, ", ".join(stale), str(ip), hint)
        elif not (manage_names and ip) and (not resolved or loopback or (ip and ip not in resolved)):
            expected = str(ip or f"an address of {other['host']}")
            hint = "Correct DNS or /etc/hosts, or set host_manage_names=true and addresses in the inventory."
            yield validation_error(f"name {name}", host, ", ".join(resolved) or "no address", expected, hint)


def _check_resolution(endpoint: dict, status: HostStatus) -> Iterator[Finding]:
    name, ip = endpoint["name"], endpoint["ip"]
    resolved = [ip] if ip == name else status.resolved.get(name, [])
    wrong = [
        address
        for address in resolved
        if address not in status.own_addresses or ipaddress.ip_address(address.partition("%")[0]).is_loopback
    ]
    if wrong or not resolved:
        yield validation_error(
            f"name {name}",
            endpoint["host"],
            ", ".join(wrong) or "no address",
            "an address of the host, not a loopback address",
            f"Correct DNS or /etc/hosts, or set {endpoint['address_variable']} and host_manage_names=true.",
        )


def _check_clocks(statuses: Mapping[str, HostStatus], max_clock_skew: float) -> Iterator[Finding]:
    """Compares each clock with the median one. Only a difference larger than the uncertainty of both counts."""
    clocks = {
        host: (status.clock_offset, status.clock_uncertainty)
        for host, status in statuses.items()
        if status.clock_offset is not None
    }
    if not clocks:
        return
    median, distances = compare_hosts(clocks)
    for host, distance in distances.items():
        if abs(distance) > max_clock_skew:
            apart = clocks[host][0] - clocks[median][0]
            yield validation_error(
                "host_max_clock_skew",
                host,
                f"a clock {abs(apart):.1f} s {'ahead of' if apart > 0 else 'behind'} {median}",
                f"at most {max_clock_skew:g} s",
                "Install and enable a time service such as chrony.",
            )
