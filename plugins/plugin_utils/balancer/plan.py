# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The front ends of a balancer and the replicas behind them, from the topology and the role's variables. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import Finding, validation_error

# Defaults of the role discovery, for hosts whose inventory does not set them; a test compares them.
CHECK_PORT = 9180
ANY, FIRST, PER_SHARD = "any", "first", "per_shard"
# What clients speak, with the port of a replica for it.
PROTOCOLS = {"http": "http_port", "native": "tcp_port"}
# What HAProxy takes as the name of a server.
NAME = re.compile(r"[A-Za-z0-9_.:-]+")
Variables = Mapping[str, Any]


@dataclass(frozen=True)
class Server:
    """A replica of the inventory. name: of its host. ports: by protocol. check_port: of its agent."""

    name: str
    address: str
    ports: dict[str, int]
    check_port: int


@dataclass(frozen=True)
class Backend:
    """Replicas that share queries. shard: empty for all shards. first: the first one takes all, the others only when
    it takes none."""

    name: str
    protocol: str
    shard: str
    first: bool
    servers: tuple[Server, ...]


@dataclass(frozen=True)
class Frontend:
    """A port for clients. variable: the role's variable that sets the port."""

    name: str
    protocol: str
    port: int
    backend: str
    variable: str


@dataclass(frozen=True)
class Plan:
    backends: tuple[Backend, ...]
    frontends: tuple[Frontend, ...]


def plan_of(model: Variables, variables: Variables, agents: Mapping[str, Variables]) -> Plan:
    """variables: of the role, without the prefix. agents: variables of the role discovery by replica."""
    shards = model["cluster"]["shards"]
    servers = {
        replica["host"]: Server(
            replica["host"],
            replica["ip"] or replica["name"],
            {protocol: replica[port] for protocol, port in PROTOCOLS.items()},
            int(agents[replica["host"]].get("discovery_check_port", CHECK_PORT)),
        )
        for replica in model["cluster"]["replicas"]
    }
    every = [replica["host"] for shard in shards for replica in shard["replicas"]]
    backends: list[Backend] = []
    frontends: list[Frontend] = []

    def add(kind: str, shard: str, hosts: Sequence[str], port: str, offset: int, backend: str = "") -> None:
        for protocol in PROTOCOLS:
            base = variables[f"{protocol}_{port}"]
            if not base:
                continue
            name = "_".join(filter(None, (kind, shard, protocol)))
            if not backend:
                found = tuple(servers[host] for host in hosts)
                backends.append(Backend(name, protocol, shard, kind == "write", found))
            behind = f"{backend}_{protocol}" if backend else name
            frontends.append(Frontend(f"to_{name}", protocol, base + offset, behind, f"balancer_{protocol}_{port}"))

    add("any", "", every, "port", 0)
    for number, shard in enumerate(shards, 1):
        hosts = [replica["host"] for replica in shard["replicas"]]
        add("shard", shard["name"], hosts, "shard_port", number)
        if variables["write_policy"] == PER_SHARD:
            add("write", shard["name"], hosts, "write_port", number)
    if variables["write_policy"] == ANY:
        add("write", "", every, "write_port", 0, "any")
    elif variables["write_policy"] == FIRST:
        add("write", "", every, "write_port", 0)
    known = {backend.name for backend in backends}
    # Without a port of its own nothing needs the replicas that are behind another one.
    return Plan(tuple(backends), tuple(item for item in frontends if item.backend in known))


def validation_errors(
    model: Variables, host: str, variables: Variables, agents: Mapping[str, Variables], plan: Plan
) -> list[Finding]:
    """host: the balancer."""
    errors = [*_agent_errors(agents), *_port_errors(model, host, variables, agents, plan)]
    for server in agents:
        if not NAME.fullmatch(server):
            expected = "a name that HAProxy takes: letters, digits, '.', '_', ':' and '-'"
            errors.append(validation_error("inventory_hostname", host, server, expected))
    if not plan.frontends:
        found, expected = "no port for clients", "balancer_http_port or balancer_native_port"
        errors.append(validation_error("balancer_http_port", host, found, expected))
    if variables["write_policy"] == ANY and any(
        variables[f"{protocol}_write_port"] and not variables[f"{protocol}_port"] for protocol in PROTOCOLS
    ):
        expected = "the port for any replica beside the one for writes, or the policy first or per_shard"
        errors.append(validation_error("balancer_write_policy", host, "any", expected))
    for name, low in (("maxconn", 1), ("timeout", 1), ("queue_timeout", 1), ("connect_timeout", 1), ("hold", 0)):
        if variables[name] < low:
            errors.append(validation_error(f"balancer_{name}", host, variables[name], f"at least {low}"))
    return errors


def _agent_errors(agents: Mapping[str, Variables]) -> Iterator[Finding]:
    hint = "Without it the balancer would send queries to replicas that are readonly or behind."
    for host, found in agents.items():
        if str(found.get("discovery_enabled", False)).lower() not in ("true", "yes", "on", "1"):
            yield validation_error("discovery_enabled", host, "false", "true for each replica behind a balancer", hint)


def _port_errors(
    model: Variables, host: str, variables: Variables, agents: Mapping[str, Variables], plan: Plan
) -> Iterator[Finding]:
    """Ports that are none, or that something else on the host has."""
    taken: dict[int, str] = {}
    for replica in model["cluster"]["replicas"]:
        if replica["host"] == host:
            taken.update({replica[f"{name}_port"]: "ClickHouse" for name in ("http", "tcp", "interserver")})
            taken[int(agents[host].get("discovery_check_port", CHECK_PORT))] = "the agent"
    for member in model["ensemble"]["members"]:
        if member["host"] == host:
            taken.update(dict.fromkeys(member["ports"], "ZooKeeper"))
    wanted = [(front.variable, front.port) for front in plan.frontends]
    wanted += [(f"balancer_{name}", variables[name]) for name in ("stats_port", "metrics_port", "peer_port")]
    for variable, port in wanted:
        if not 0 < port < 65536:
            yield validation_error(variable, host, port, "a port from 1 to 65535")
        elif port in taken:
            yield validation_error(variable, host, f"{port}, which is a port of {taken[port]}", "a port of its own")
        else:
            taken[port] = variable
