# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""clickhouse_extra_clusters: clusters in remote_servers beside the one of the inventory. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

VARIABLE = "clickhouse_extra_clusters"
# Arrangements of all replicas of the inventory: in one shard, and each in a shard of its own.
REPLICATED, SHARDED = "all-replicated", "all-sharded"
ARRANGEMENTS = (REPLICATED, SHARDED)
PORT, SECURE_PORT = 9000, 9440

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Login:
    """How the replicas of the inventory log in to each other. secret: empty where they use the user."""

    user: str
    password: str = field(repr=False)
    secret: str = field(default="", repr=False)


def shards_of(options: Options, cluster: Options) -> Sequence[Options]:
    """The shards of an extra cluster. cluster: of the topology model."""
    shards = options["shards"]
    hosts = [replica["host"] for replica in cluster["replicas"]]
    if shards == REPLICATED:
        return [{"hosts": hosts}]
    if shards == SHARDED:
        return [{"hosts": [host]} for host in hosts]
    return shards


def is_own(options: Options) -> bool:
    """Whether all replicas of an extra cluster are those of the inventory."""
    return options["shards"] in ARRANGEMENTS or not any(shard.get("replicas") for shard in options["shards"])


def endpoints_of(shard: Options, cluster: Options) -> Iterator[tuple[str, int, Options]]:
    """(host, port, options) of each replica of a shard; without options for replicas of the inventory."""
    known = {replica["host"]: replica for replica in cluster["replicas"]}
    for host in shard.get("hosts") or ():
        yield known[host]["name"], known[host]["tcp_port"], {}
    for replica in shard.get("replicas") or ():
        port = replica.get("port") or (SECURE_PORT if replica.get("secure") else PORT)
        yield str(replica["host"]).strip("[]"), int(port), replica


def extra_elements(clusters: Options, cluster: Options, hidden: Collection[str], login: Login) -> dict[str, Any]:
    """The elements below remote_servers.

    clusters: that are valid. cluster: of the topology model. hidden: hosts of the inventory to which no queries are
    sent yet. A shard or a cluster without any other replica is left out, because no server could read it.
    """
    elements = {}
    for name, options in clusters.items():
        secret = _secret(options, login)
        shards = [
            {
                "internal_replication": shard.get("internal_replication", True),
                **({"weight": shard["weight"]} if shard.get("weight") is not None else {}),
                "replica": replicas,
            }
            for shard in shards_of(options, cluster)
            if (replicas := list(_replicas(shard, options, cluster, hidden, login, bool(secret))))
        ]
        if shards:
            elements[name] = {**({"secret": secret} if secret else {}), "shard": shards}
    return elements


def _secret(options: Options, login: Login) -> str:
    return str(options.get("secret") or (login.secret if is_own(options) and not options.get("user") else ""))


def _replicas(
    shard: Options, options: Options, cluster: Options, hidden: Collection[str], login: Login, with_secret: bool
) -> Iterator[dict[str, Any]]:
    late = {(replica["name"], replica["tcp_port"]) for replica in cluster["replicas"] if replica["host"] in hidden}
    for host, port, replica in endpoints_of(shard, cluster):
        if (host, port) in late:
            continue
        # The login of the inventory is not sent to anybody else.
        given = [item for item in (replica, options) if item.get("user")]
        user = given[0] if given else {"user": login.user, "password": login.password}
        yield {
            "host": host,
            "port": port,
            **({"secure": 1} if replica.get("secure") else {}),
            **({} if with_secret else {"user": user["user"], "password": user.get("password") or ""}),
        }


def extra_endpoints(elements: Options) -> dict[str, list[dict[str, Any]]]:
    """Shards by the name of the cluster as in the topology model, for who compares them with a server."""
    return {name: list(_shards(cluster["shard"])) for name, cluster in elements.items()}


def _shards(shards: Iterable[Options]) -> Iterator[dict[str, Any]]:
    for number, shard in enumerate(shards, 1):
        replicas = [{"host": replica["host"], "port": replica["port"]} for replica in shard["replica"]]
        yield {"shard": str(number), "replicas": replicas}
