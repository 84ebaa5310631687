# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The text of haproxy.cfg. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .plan import Backend, Frontend, Plan, Server

# The agent looks once a second; a replica that does not answer is down after two checks, within 6 s.
CHECKS = "check inter 1s fastinter 500ms fall 2 rise 2 agent-check agent-inter 1s"
# The agent answers in percent of it. With a smaller number, HAProxy would round small shares to nothing.
WEIGHT = 100


def server_options(variables: Mapping[str, Any]) -> str:
    """What all servers have, those that come at run time too. Open queries of a server that dies end with an error."""
    return f"{CHECKS} weight {WEIGHT} maxconn {variables['replica_maxconn']} on-marked-down shutdown-sessions"


def haproxy_cfg(plan: Plan, host: str, variables: Mapping[str, Any], peers: Mapping[str, str]) -> str:
    """host: the balancer. peers: addresses of all balancers by host. The description says what is loaded."""
    sections = [
        _defaults(variables),
        _stats(variables),
        _metrics(variables),
        *([_peers(host, variables["peer_port"], peers)] if len(peers) > 1 else []),
        *(_frontend(item, variables["listen_address"]) for item in plan.frontends),
        *(_backend(item, variables, len(peers) > 1) for item in plan.backends),
    ]
    text = "\n\n".join("\n    ".join(section) for section in sections)
    if variables["extra_config"]:
        text += "\n\n# balancer_extra_config\n" + variables["extra_config"].rstrip()
    settings = "\n    ".join(_global(host, variables))
    loaded = hashlib.sha256(f"{settings}\n{text}".encode()).hexdigest()[:12]
    return f"# Written by zoohouse.cluster.balancer.\n{settings}\n    description {loaded}\n\n{text}\n"


def _global(host: str, variables: Mapping[str, Any]) -> list[str]:
    return [
        "global",
        "log /dev/log local0",
        "chroot /var/lib/haproxy",
        "user haproxy",
        "group haproxy",
        f"stats socket {variables['socket']} user haproxy group haproxy mode 660 level admin expose-fd listeners",
        f"server-state-file {variables['state_file']}",
        f"localpeer {host}",
        f"maxconn {variables['maxconn']}",
        # Connections to an old process after a reload end at the latest then.
        f"hard-stop-after {variables['timeout']}s",
        # Long queries in the URL, and the progress headers of ClickHouse.
        "tune.bufsize 32768",
        "tune.http.maxhdr 256",
    ]


def _defaults(variables: Mapping[str, Any]) -> list[str]:
    return [
        "defaults",
        "log global",
        "option dontlognull",
        "option tcpka",
        # A server that cannot be reached costs one attempt.
        "retries 3",
        "option redispatch 1",
        # Each query may go to another replica.
        "option http-server-close",
        "load-server-state-from-file global",
        f"timeout connect {variables['connect_timeout']}s",
        f"timeout client {variables['timeout']}s",
        f"timeout server {variables['timeout']}s",
        f"timeout queue {variables['queue_timeout']}s",
        "timeout http-request 30s",
        "timeout http-keep-alive 60s",
        "timeout check 2s",
    ]


def _stats(variables: Mapping[str, Any]) -> list[str]:
    return [
        "frontend stats",
        "mode http",
        f"bind 127.0.0.1:{variables['stats_port']}",
        "stats enable",
        "stats uri /",
        "stats refresh 5s",
    ]


def _metrics(variables: Mapping[str, Any]) -> list[str]:
    return [
        "frontend metrics",
        "mode http",
        f"bind {bracketed(variables['metrics_address'])}:{variables['metrics_port']}",
        "http-request use-service prometheus-exporter if { path /metrics }",
        "http-request return status 404",
    ]


def _peers(host: str, port: int, peers: Mapping[str, str]) -> list[str]:
    """The balancers tell each other which session is on which replica."""
    others = [f"server {name} {bracketed(address)}:{port}" for name, address in peers.items() if name != host]
    return ["peers balancers", f"bind :{port}", f"server {host}", *others]


def _frontend(front: Frontend, address: str) -> list[str]:
    return [
        f"frontend {front.name}",
        f"mode {_mode(front.protocol)}",
        f"option {'http' if front.protocol == 'http' else 'tcp'}log",
        f"bind {bracketed(address)}:{front.port}",
        f"default_backend {front.backend}",
    ]


def _backend(backend: Backend, variables: Mapping[str, Any], peers: bool) -> Iterator[str]:
    yield f"backend {backend.name}"
    yield f"mode {_mode(backend.protocol)}"
    yield f"balance {variables['algorithm']}"
    yield "option httpchk GET /ping"
    yield "http-check expect status 200"
    if backend.protocol == "http":
        # A session of ClickHouse is on one replica.
        shared = " peers balancers" if peers else ""
        yield f"stick-table type string len 64 size 100k expire 1h{shared}"
        yield "stick on url_param(session_id) if { url_param(session_id) -m found }"
    yield f"default-server {server_options(variables)}"
    yield from _servers(backend.servers, backend)


def _servers(servers: Sequence[Server], backend: Backend) -> Iterator[str]:
    for position, server in enumerate(servers):
        standby = " backup" if backend.first and position else ""
        place = f"{bracketed(server.address)}:{server.ports[backend.protocol]}"
        yield (
            f"server {server.name} {place} port {server.ports['http']} agent-port {server.check_port}"
            f" init-addr libc,last,none{standby}"
        )


def _mode(protocol: str) -> str:
    return "http" if protocol == "http" else "tcp"


def bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name
