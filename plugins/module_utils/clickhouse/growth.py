# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which replicas of the inventory are new: the others send them no queries before they have the tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .adoption import is_foreign

Result = Mapping[str, Any]


def find_new(cluster: Mapping[str, Any], results: Mapping[str, Result | None]) -> dict[str, list[str]]:
    """New replicas of the inventory, by host.

    cluster: of the topology model. results: what clickhouse_server_info returned, by host; None for hosts that are
    not in this run.

    Returns `new` (the remote_servers of the others do not have them yet), `joining` (those of them that this run lets
    join), `absent` (those of them that are not in this run) and `members`: all others, that is, replicas that have
    joined, even if they are down or lost by now. All replicas of a first run are members.
    """
    hosts = [replica["host"] for replica in cluster["replicas"]]
    read = [host for host in hosts if results.get(host)]
    deployed = {host: server for host in read if (server := (results[host] or {}).get("deployed"))}
    members = {host: server for host, server in deployed.items() if _has_joined(server)}
    if not members:
        # Without the other hosts nobody knows whether they are a cluster.
        return _result(hosts, read if len(read) < len(hosts) else [], [], [])
    lists = {host: _listed(server) for host, server in members.items() if server["own"] and server["shards"]}
    everybody = {name for replica in cluster["replicas"] for name in _names(replica)}
    # Otherwise a replica that nobody knows may only have had another address before.
    certain = bool(lists) and set().union(*lists.values()) <= everybody
    strangers = [replica["host"] for replica in cluster["replicas"] if not _is_known(replica, lists)]
    # Those that were removed from the inventory and come back are new again.
    back = [host for host in strangers if certain and host in lists and len(lists) > 1]
    back = [] if len(back) == len(members) else back
    joining = [host for host in strangers if host in read and (host not in members or host in back)]
    absent = [host for host in strangers if host not in read and certain]
    return _result(hosts, [*joining, *absent], joining, absent)


def _listed(server: Result) -> set[str]:
    """The hosts in the remote_servers of a server."""
    return {endpoint.rpartition(":")[0] for shard in server["shards"] for endpoint in shard["endpoints"]}


def _is_known(replica: Mapping[str, Any], lists: Mapping[str, set[str]]) -> bool:
    """Whether another host has the replica in its list."""
    return any(not listed.isdisjoint(_names(replica)) for host, listed in lists.items() if host != replica["host"])


def _result(hosts: list[str], new: list[str], joining: list[str], absent: list[str]) -> dict[str, list[str]]:
    members = [host for host in hosts if host not in new]
    return {"new": new, "joining": joining, "absent": absent, "members": members}


def _has_joined(server: Result) -> bool:
    return (server["own"] and not server.get("joining")) or is_foreign(server)


def _names(replica: Mapping[str, Any]) -> list[str]:
    """A replica as remote_servers may name it."""
    return [name for name in (replica["name"], replica["ip"]) if name]


def joined(found: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The result of find_new after the replicas that join in this run have done so."""
    absent = found["absent"]
    return {"new": absent, "joining": [], "absent": absent, "members": [*found["members"], *found["joining"]]}


def sources(cluster: Mapping[str, Any], found: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """The members as the module clickhouse_join takes them."""
    return [
        {"host": replica["name"], "port": replica["http_port"], "name": replica["host"], "shard": replica["shard"]}
        for replica in cluster["replicas"]
        if replica["host"] in found["members"]
    ]


def hidden_from(found: Mapping[str, list[str]], host: str) -> list[str]:
    """Hosts to which a host sends no queries yet; a new replica knows the others. found: the result of find_new."""
    return found["absent" if host in found["new"] else "new"]


def remote_servers(cluster: Mapping[str, Any], found: Mapping[str, list[str]], host: str) -> dict[str, Any]:
    """The clusters as the remote_servers of a host should have them.

    cluster: of the topology model. found: the result of find_new.
    """
    hidden = hidden_from(found, host)
    endpoints = [(replica["name"], replica["tcp_port"]) for replica in cluster["replicas"] if replica["host"] in hidden]
    return {name: list(_without(shards, endpoints)) for name, shards in cluster["remote_servers"].items()}


def _without(shards: Iterable[Mapping[str, Any]], endpoints: list[tuple[str, int]]) -> Iterable[dict[str, Any]]:
    for shard in shards:
        replicas = [replica for replica in shard["replicas"] if (replica["host"], replica["port"]) not in endpoints]
        if replicas:
            yield {**shard, "replicas": replicas}
