# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""An inventory from the registry and from system.clusters. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..discovery.entry import Entry
from ..zookeeper.membership import parse_servers

# Variables by host.
Hosts = dict[str, dict[str, Any]]
CLUSTERS = "SELECT cluster, shard_num, host_name, host_address, port FROM system.clusters"
MACROS = "SELECT macro, substitution FROM system.macros"
# The state of a host that system.clusters has and the registry has not.
NOT_REGISTERED = "not registered"


def replicas_of_entries(entries: Iterable[Entry]) -> Hosts:
    """The replicas of the registry, by their names in the inventory of the run that deployed their agents."""
    return {
        entry.host: {
            # The last one is an address if the cluster uses a name.
            "ansible_host": entry.addresses[-1],
            "clickhouse_shard": entry.shard,
            "clickhouse_replica": entry.replica,
            **{f"clickhouse_{name}_port": entry.ports[name] for name in ("http", "tcp", "interserver")},
            "registry_state": entry.state,
            "registry_reason": entry.reason,
            "registry_version": entry.version,
            "registry_weight": entry.weight,
        }
        for entry in entries
    }


def rows_of_cluster(rows: Iterable[Mapping[str, Any]], cluster: str) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["cluster"] == cluster]


def replicas_of_clusters(rows: Sequence[Mapping[str, Any]], macros: Mapping[str, Mapping[str, str]]) -> Hosts:
    """The replicas of one cluster of system.clusters.

    macros: of each host that answered, by its name. system.clusters has only the numbers of shards: a host that did not
    answer gets the name that another replica of its shard has, or else the number with two digits.
    """
    shards = {
        row["shard_num"]: macros[row["host_name"]]["shard"]
        for row in rows
        if "shard" in macros.get(row["host_name"], {})
    }
    return {
        row["host_name"]: {
            "ansible_host": row["host_address"] or row["host_name"],
            "clickhouse_shard": shards.get(row["shard_num"], f"{row['shard_num']:02}"),
            "clickhouse_replica": macros.get(row["host_name"], {}).get("replica", row["host_name"]),
            "clickhouse_tcp_port": row["port"],
            "registry_state": NOT_REGISTERED,
        }
        for row in rows
    }


def merged(registered: Hosts, clusters: Hosts) -> Hosts:
    """The registered replicas, and those that only system.clusters has. A host may have another name there."""
    known = {(item["clickhouse_shard"], item["clickhouse_replica"]) for item in registered.values()}
    known_addresses = {item["ansible_host"] for item in registered.values()}
    more = {
        host: variables
        for host, variables in clusters.items()
        if host not in registered
        and variables["ansible_host"] not in known_addresses
        and (variables["clickhouse_shard"], variables["clickhouse_replica"]) not in known
    }
    return {**registered, **more}


def members_of(config: str, endpoints: Sequence[tuple[str, int]]) -> Hosts:
    """The members of the ensemble. config: text of /zookeeper/config. endpoints: where clients find the ensemble.

    The configuration of a standalone server is empty: it is the only endpoint.
    """
    port = endpoints[0][1]
    members = {
        server.host: {
            "zookeeper_id": server.id,
            "zookeeper_client_port": port,
            "zookeeper_quorum_port": server.quorum_port,
            "zookeeper_election_port": server.election_port,
        }
        for server in parse_servers(config).values()
    }
    if members or len(endpoints) > 1:
        return members
    return {endpoints[0][0]: {"zookeeper_id": 1, "zookeeper_client_port": port}}
