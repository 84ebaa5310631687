# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Validates the inventory against the deployed replicas: identity, shards and queues. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..findings import Finding, validation_error
from .adoption import is_foreign, validate_adoption

Result = Mapping[str, Any]

MOVE = "A replica keeps its identity: to move it, deploy a new replica and remove this one."


def validate_cluster(
    cluster: Mapping[str, Any],
    results: Mapping[str, Result | None],
    zookeeper_root: str,
    ddl_path: str,
    adopt: bool,
    allow_shard_changes: bool,
) -> list[Finding]:
    """Validation errors that would hide data, send it elsewhere or strand it.

    cluster: of the topology model. results: what clickhouse_server_info returned, by host; None when it was not read in
    this run. ddl_path: clickhouse_ddl_path. adopt: clickhouse_adopt_existing. allow_shard_changes:
    clickhouse_allow_shard_changes.
    """
    deployed = {
        host: result["deployed"] for host, result in results.items() if result and result.get("deployed") is not None
    }
    errors: list[Finding] = []
    for host, server in deployed.items():
        if is_foreign(server):
            errors += validate_adoption(host, server, cluster, zookeeper_root, ddl_path, adopt)
            errors += _validate_ports(host, server, cluster) if adopt else ()
        elif server["own"]:
            errors += _validate_identity(host, server, cluster, zookeeper_root)
            errors += _validate_ports(host, server, cluster)
            errors += _validate_queues(host, server, cluster)
    for host, result in results.items():
        for port, process in ((result or {}).get("listeners") or {}).items():
            found = f"another process ({process}) listening on port {port}"
            hint = "Stop that process, or set another port for the replica."
            errors.append(validation_error("clickhouse ports", host, found, "free ports", hint))
    if not allow_shard_changes:
        errors += _validate_shards(deployed, cluster)
    return list(dict.fromkeys(errors))


def _validate_identity(host: str, server: Result, cluster: Mapping[str, Any], zookeeper_root: str) -> Iterator[Finding]:
    tables = server["replicated_tables"]
    if not tables:
        return
    wanted = cluster["macros"][host]
    identity = (
        ("topology_cluster", server["macros"].get("cluster", ""), wanted["cluster"]),
        ("clickhouse_shard", server["macros"].get("shard", ""), wanted["shard"]),
        ("clickhouse_replica", server["macros"].get("replica", ""), wanted["replica"]),
        ("clickhouse_zookeeper_root", server["zookeeper_root"], zookeeper_root),
    )
    for variable, present, value in identity:
        if present != value:
            found = f"{value}, but {_tables(tables)} belong to {present or 'nothing'}"
            hint = f"They would look for their znodes elsewhere and not start again. {MOVE}"
            yield validation_error(variable, host, found, present or "nothing", hint)


def _tables(tables: list[str]) -> str:
    more = f" and {len(tables) - 3} more" if len(tables) > 3 else ""
    return f"the replicated tables {', '.join(tables[:3])}{more}"


def _validate_ports(host: str, server: Result, cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """While servers run, replicas and health checks look for each other on the ports that they have."""
    if not server["running"]:
        return
    (replica,) = [replica for replica in cluster["replicas"] if replica["host"] == host]
    for variable, present in server["ports"].items():
        wanted = str(replica[variable.removeprefix("clickhouse_")])
        if present and present != wanted:
            hint = (
                "Ports cannot change while servers run. Stop clickhouse-server on all replicas, which interrupts all "
                "clients, and run the playbook again."
            )
            found = f"{wanted}, but the running server listens on {present}"
            yield validation_error(variable, host, found, present, hint)


def _validate_queues(host: str, server: Result, cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """Queued blocks are sent to the address and with the login under which they were acknowledged."""
    endpoints = {f"{replica['name']}:{replica['tcp_port']}" for replica in cluster["replicas"]}
    for queue in server["queues"]:
        moved = not endpoints & set(queue["endpoints"])
        if moved or server["login_changed"]:
            change = "address or port" if moved else "user or password"
            yield validation_error(
                "clickhouse_address or clickhouse_tcp_port" if moved else "clickhouse_cluster_password",
                host,
                f"another {change}, while {queue['table']} has {queue['files']} blocks queued for "
                f"{', '.join(queue['endpoints'])}",
                "an empty queue",
                "These acknowledged rows would never arrive. Bring that replica back and wait until it is empty.",
            )


def _validate_shards(deployed: Mapping[str, Result], cluster: Mapping[str, Any]) -> Iterator[Finding]:
    if not any(server["replicated_tables"] or server["distributed_tables"] for server in deployed.values()):
        return
    wanted = [shard["name"] for shard in cluster["shards"]]
    for server in deployed.values():
        present = [shard["name"] for shard in server["shards"]]
        if not present or not all(present) or wanted[: len(present)] == present:
            continue
        removed = [name for name in present if name not in wanted]
        added = [name for name in wanted if name not in present]
        if removed:
            hint = f"The rows of {', '.join(removed)} would be missing from every answer."
        else:
            hint = "Distributed tables would send and look for the same keys on other shards."
        yield validation_error(
            "topology_shards",
            "all",
            f"the shards {', '.join(wanted)}, but the deployed order is {', '.join(present)}",
            f"{', '.join(present + added)}",
            f"{hint} Set topology_shards to the expected list, or clickhouse_allow_shard_changes=true to accept it.",
        )
