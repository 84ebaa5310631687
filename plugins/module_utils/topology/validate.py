# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Contradictions between the hosts of an inventory, as validation errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from ..findings import Finding, validation_error
from .parse import Endpoint, Member, Replica

# The cluster's name becomes the name of an XML element, and a dot would split a configuration key.
CLUSTER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

Item = TypeVar("Item")
Key = TypeVar("Key")


def validate_topology(
    members: list[Member],
    replicas: list[Replica],
    cluster: str,
    shards: list[str],
    allow_unsafe_size: bool,
    external: bool = False,
) -> list[Finding]:
    """external: whether somebody else runs the ensemble."""
    endpoints = [*members, *replicas]
    return [
        *_validate_ensemble(members, replicas, allow_unsafe_size, external),
        *_validate_cluster(cluster, replicas),
        *_validate_shards(replicas, shards),
        *_validate_ports(endpoints),
        *_validate_names(endpoints),
        *_validate_machines(members),
        *_validate_machines(replicas),
    ]


def _validate_ensemble(
    members: list[Member], replicas: list[Replica], allow_unsafe_size: bool, external: bool
) -> Iterator[Finding]:
    for number, group in _grouped(members, lambda member: member.id):
        if number is not None and len(group) > 1:
            yield validation_error("zookeeper_id", _hosts(group), f"{number} on each of them", "a unique id")
    size = len(members)
    if size and not allow_unsafe_size and (size == 1 or size % 2 == 0):
        yield validation_error(
            "topology_zookeeper_group",
            _hosts(members),
            f"an ensemble of {size}",
            "an odd number of members, at least 3",
            "An even number tolerates no more failures than the next smaller odd number. "
            "Set topology_allow_unsafe_size=true to accept it.",
        )
    if replicas and not members and not external:
        found, hint = "a cluster without an ensemble", "Or set clickhouse_zookeeper_nodes, if somebody else runs it."
        expected = "at least one host in the group"
        yield validation_error("topology_zookeeper_group", _hosts(replicas), found, expected, hint)


def _validate_cluster(cluster: str, replicas: list[Replica]) -> Iterator[Finding]:
    if replicas and not CLUSTER_NAME.fullmatch(cluster):
        yield validation_error("topology_cluster", "all", cluster, "a letter or '_', then letters, digits, '_' and '-'")
    for (shard, replica), group in _grouped(replicas, lambda item: (item.shard, item.replica)):
        if shard and len(group) > 1:
            found = f"shard {shard}, replica {replica} on each of them"
            yield validation_error("clickhouse_replica", _hosts(group), found, "a unique pair of shard and replica")


def _validate_shards(replicas: list[Replica], shards: list[str]) -> Iterator[Finding]:
    existing = {replica.shard for replica in replicas}
    for shard, group in _grouped(shards, str):
        if len(group) > 1:
            yield validation_error("topology_shards", shard, f"{len(group)} times", "each shard once")
        if shard not in existing:
            expected = "at least one host with this clickhouse_shard"
            yield validation_error("topology_shards", shard, "a shard without replicas", expected)
    for replica in replicas:
        if shards and replica.shard and replica.shard not in shards:
            expected = f"one of topology_shards ({', '.join(shards)})"
            yield validation_error("clickhouse_shard", replica.host, replica.shard, expected)


def _validate_ports(endpoints: Sequence[Endpoint]) -> Iterator[Finding]:
    """No port is used twice on one machine, by one host or by two hosts with the same address."""
    uses = [
        (endpoint.ip or endpoint.name, port, variable, endpoint.host)
        for endpoint in endpoints
        for variable, port in endpoint.ports.items()
    ]
    for (address, port), group in _grouped(uses, lambda use: use[:2]):
        if len(group) > 1:
            hosts = dict.fromkeys(host for *_rest, host in group)
            variables = dict.fromkeys(variable for _address, _port, variable, _host in group)
            found = f"port {port} {len(group)} times on {address}"
            yield validation_error(" and ".join(variables), ", ".join(hosts), found, "a different port for each")


def _validate_names(endpoints: Sequence[Endpoint]) -> Iterator[Finding]:
    """A name resolves to one address, so a host in both groups has one address."""
    for name, group in _grouped(_with_ip(endpoints), lambda endpoint: endpoint.name):
        addresses = dict.fromkeys(str(endpoint.ip) for endpoint in group)
        if len(addresses) > 1:
            variables = dict.fromkeys(endpoint.address_variable for endpoint in group)
            yield validation_error(
                " and ".join(variables), group[0].host, " and ".join(addresses), f"one address for {name}"
            )


def _validate_machines(endpoints: Sequence[Endpoint]) -> Iterator[Finding]:
    """A machine runs one member and one replica: the roles have one unit and one data directory for each."""
    for address, group in _grouped(_with_ip(endpoints), lambda endpoint: endpoint.ip):
        if len(group) > 1:
            found = f"{address} for each of them"
            yield validation_error(group[0].address_variable, _hosts(group), found, "a separate machine for each")


def _with_ip(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    return [endpoint for endpoint in endpoints if endpoint.ip]


def _hosts(endpoints: Sequence[Endpoint]) -> str:
    return ", ".join(endpoint.host for endpoint in endpoints)


def _grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> list[tuple[Key, list[Item]]]:
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.items())
