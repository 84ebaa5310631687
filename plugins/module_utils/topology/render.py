# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The topology as the roles' templates and tasks read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .external import endpoint
from .parse import Endpoint, Member, Replica


def render_ensemble(members: list[Member]) -> dict[str, Any]:
    """Members ordered by id, and what servers and clients need to find them."""
    ordered = sorted(members, key=lambda member: member.id or 0)
    rendered = [_render_member(member) for member in ordered]
    return {
        # Whether somebody else runs it; external.py renders those.
        "external": False,
        "members": rendered,
        "server_lines": [member["server_line"] for member in rendered],
        # Where servers look for it, where modules do, and where agents do, which know no previous port.
        "addresses": [
            {"host": member["name"], "port": port, "secure": False}
            for member in rendered
            for port in sorted(member["client_ports"])
        ],
        "endpoints": [member["endpoint"] for member in rendered],
        "client_endpoints": [endpoint(member["name"], port) for member in rendered for port in member["client_ports"]],
        "connection_string": ",".join(member["endpoint"] for member in rendered),
        "quorum": len(rendered) // 2 + 1,
        # The members agree on it.
        "previous_client_port": max((member.previous_client_port for member in ordered), default=0),
    }


def _render_member(member: Member) -> dict[str, Any]:
    ports = member.ports
    peer = endpoint(member.name, ports["zookeeper_quorum_port"])
    return {
        "host": member.host,
        "id": member.id,
        "name": member.name,
        "ip": member.ip,
        "address_variable": member.address_variable,
        "client_port": ports["zookeeper_client_port"],
        # Where clients look for it, until it listens on its new port.
        "client_ports": [port for port in (ports["zookeeper_client_port"], member.previous_client_port) if port],
        "ports": list(ports.values()),
        "endpoint": endpoint(member.name, ports["zookeeper_client_port"]),
        "server_line": f"server.{member.id}={peer}:{ports['zookeeper_election_port']}",
    }


def render_cluster(name: str, replicas: list[Replica], shards: list[str]) -> dict[str, Any]:
    """Shards in the order of `shards`, or in natural order when it is empty."""
    order = shards or sorted({replica.shard for replica in replicas}, key=_natural_order)
    rendered = [_render_replica(replica) for replica in replicas]
    by_shard: list[dict[str, Any]] = [
        {"name": shard, "replicas": [replica for replica in rendered if replica["shard"] == shard]} for shard in order
    ]
    return {
        "name": name,
        "shards": by_shard,
        "replicas": rendered,
        "macros": {
            replica.host: {"cluster": name, "shard": replica.shard, "replica": replica.replica} for replica in replicas
        },
        "remote_servers": {
            name: [
                {
                    "shard": shard["name"],
                    "replicas": [
                        {"host": replica["name"], "port": replica["tcp_port"]} for replica in shard["replicas"]
                    ],
                }
                for shard in by_shard
            ]
        },
    }


def _render_replica(replica: Replica) -> dict[str, Any]:
    return {
        "host": replica.host,
        "shard": replica.shard,
        "replica": replica.replica,
        "name": replica.name,
        "ip": replica.ip,
        "address_variable": replica.address_variable,
        "http_port": replica.ports["clickhouse_http_port"],
        "tcp_port": replica.ports["clickhouse_tcp_port"],
        "interserver_port": replica.ports["clickhouse_interserver_port"],
        # 0: none.
        "https_port": replica.ports.get("clickhouse_https_port", 0),
        "tcp_secure_port": replica.ports.get("clickhouse_tcp_secure_port", 0),
    }


def render_names(endpoints: Sequence[Endpoint]) -> list[dict[str, str]]:
    """Names for /etc/hosts: each pair of address and name once, where the inventory gives an address."""
    pairs = dict.fromkeys(
        (endpoint.ip, endpoint.name) for endpoint in endpoints if endpoint.ip and endpoint.ip != endpoint.name
    )
    return [{"ip": str(ip), "name": name} for ip, name in pairs]


def _natural_order(text: str) -> list[tuple[int, int, str]]:
    """Sort key: s2 before s10."""
    return [
        (0, int(part), "") if re.fullmatch(r"\d{1,18}", part) else (1, 0, part)
        for part in re.split(r"(\d{1,18})", text)
        if part
    ]
