# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Validates the inventory against the deployed replicas: identity, shards and queues. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..findings import Finding, some, validation_error
from ..topology.external import NODES, endpoint
from .adoption import is_foreign, validate_adoption
from .macros import VARIABLE
from .server_config import PACKAGED_DATA

Result = Mapping[str, Any]

MOVE = (
    "rows that only this replica has would be missing from answers. A replica keeps its identity: to move it, deploy a "
    "new replica and remove this one."
)
MACRO = "a macro of a table's path keeps its value."
KEEP = (
    "no replica would serve their rows, and waiting ON CLUSTER statements would never run. A deployed cluster keeps "
    "its name and its chroot."
)


def validate_cluster(
    cluster: Mapping[str, Any],
    results: Mapping[str, Result | None],
    zookeeper_root: str,
    ddl_path: str,
    adopt: bool,
    allow_shard_changes: bool,
    data_paths: Mapping[str, str] | None = None,
    ensemble: Mapping[str, Any] | None = None,
    others: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> list[Finding]:
    """Validation errors that would hide data, send it elsewhere or strand it.

    cluster: of the topology model. results: what clickhouse_server_info returned, by host; None when it was not read in
    this run. ddl_path: clickhouse_ddl_path. adopt: clickhouse_adopt_existing. allow_shard_changes:
    clickhouse_allow_shard_changes. data_paths: of clickhouse_paths, by host; empty where it is not set.
    ensemble: of the topology model. others: shards of clickhouse_extra_clusters, by the name of the cluster.
    """
    extra = {
        name: [[endpoint(item["host"], item["port"]) for item in shard["replicas"]] for shard in shards]
        for name, shards in (others or {}).items()
    }
    deployed = {
        host: result["deployed"] for host, result in results.items() if result and result.get("deployed") is not None
    }
    errors: list[Finding] = []
    for host, server in deployed.items():
        if is_foreign(server):
            errors += validate_adoption(host, server, cluster, zookeeper_root, ddl_path, adopt, extra)
            errors += _validate_ports(host, server, cluster) if adopt else ()
        elif server["own"]:
            errors += _validate_identity(host, server, cluster, zookeeper_root)
            errors += _validate_external(host, server, ensemble or {})
            errors += _validate_ports(host, server, cluster)
            errors += _validate_queues(host, server, cluster, extra)
        errors += _validate_data_path(host, server, (data_paths or {}).get(host, ""))
    for host, result in results.items():
        for port, process in ((result or {}).get("listeners") or {}).items():
            found = f"another process ({process}) listening on port {port}"
            hint = "Stop that process, or set another port for the replica."
            errors.append(validation_error("clickhouse ports", host, found, "free ports", hint))
    if not allow_shard_changes:
        # Nobody has sent anything to the shards that a replica knows before it has joined.
        joined = {host: server for host, server in deployed.items() if not server.get("joining")}
        errors += _validate_shards(joined, cluster)
    return list(dict.fromkeys(errors))


def _validate_identity(host: str, server: Result, cluster: Mapping[str, Any], zookeeper_root: str) -> Iterator[Finding]:
    wanted = cluster["macros"][host]
    present = {name: server["macros"].get(name, "") for name in ("cluster", "shard", "replica")}
    tables = server["replicated_tables"]
    identity = (
        ("topology_cluster", present["cluster"], wanted["cluster"], KEEP),
        ("clickhouse_shard", present["shard"], wanted["shard"], MOVE),
        ("clickhouse_replica", present["replica"], wanted["replica"], MOVE),
        ("clickhouse_zookeeper_root", server["zookeeper_root"], zookeeper_root, KEEP),
    )
    others = [name for name in server["used_macros"] if name in wanted and name not in present]
    more = ((f"{VARIABLE}.{name}", server["macros"].get(name, ""), wanted[name], MACRO) for name in others)
    for variable, before, value, hint in (*identity, *more) if tables else ():
        if before != value:
            found = f"{value}, but {_tables(tables)} belong to {before or 'nothing'}"
            hint = f"They would look for their znodes elsewhere and not start again: {hint}"
            yield validation_error(variable, host, found, before or "nothing", hint)
    if tables:
        return
    distributed, others = server["clusters"].get(present["cluster"], {}).get("tables"), server["other_tables"]
    if distributed and present["cluster"] != wanted["cluster"]:
        found = f"{wanted['cluster']}, but the Distributed tables {some(distributed)} read {present['cluster']}"
        hint = "They would find no cluster, and rows that they have queued would not arrive. Drop them first."
        yield validation_error("topology_cluster", host, found, present["cluster"], hint)
    if distributed and others and present["shard"] != wanted["shard"]:
        found = f"{wanted['shard']}, but the tables {some(others)} have rows of {present['shard'] or 'no shard'}"
        hint = "Distributed tables would find these rows in another shard, or not at all. Deploy a new replica there."
        yield validation_error("clickhouse_shard", host, found, present["shard"] or "nothing", hint)


def _validate_external(host: str, server: Result, ensemble: Mapping[str, Any]) -> Iterator[Finding]:
    """A server with tables stays in its ensemble. One of the inventory is compared by its members instead."""
    if not ensemble.get("external"):
        return
    known, tables = server["zookeeper_endpoints"], server["replicated_tables"]
    wanted = [endpoint(address["host"], address["port"]) for address in ensemble["addresses"]]
    if tables and known and not set(wanted) & set(known):
        hint = (
            "In another ensemble they would find no znodes and become readonly. If it is the same one under other "
            "names or ports, keep one of those that the server knows until all replicas were restarted."
        )
        found = f"{', '.join(wanted)}, but {_tables(tables)} are in the ensemble {', '.join(known)}"
        yield validation_error(NODES, host, found, "at least one of these members", hint)


def _validate_data_path(host: str, server: Result, wanted: str) -> Iterator[Finding]:
    """Without a path of the role, the server keeps the one of somebody else, or gets the one of the packages back."""
    present = server["data_path"].rstrip("/")
    wanted = (wanted or (PACKAGED_DATA if server["role_data_path"] else present)).rstrip("/")
    tables = [*server["replicated_tables"], *server["distributed_tables"], *server["other_tables"]]
    if tables and wanted != present:
        hint = (
            "The server would start without its tables. Deploy a new replica with this path and remove this one; or "
            f"stop the server, copy {present} with its owners, rename it, and run the playbook again."
        )
        found = f"data: {wanted}/, but the tables {some(tables)} are in {present}/"
        yield validation_error("clickhouse_paths", host, found, f"data: {present}/", hint)


def _tables(tables: list[str]) -> str:
    return f"the replicated tables {some(tables)}"


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


def _validate_queues(
    host: str, server: Result, cluster: Mapping[str, Any], extra: Mapping[str, list[list[str]]]
) -> Iterator[Finding]:
    """Queued blocks are sent to the address and with the login under which they were acknowledged, or to a shard."""
    endpoints = {f"{replica['name']}:{replica['tcp_port']}" for replica in cluster["replicas"]}
    clusters = {table: name for name, item in server["clusters"].items() for table in item["tables"]}
    own = server["macros"].get("cluster", "")
    for queue in server["queues"]:
        name = clusters.get(queue["table"], own)
        if name != own:
            # Those of extra configuration are not known here.
            known = {address for shard in extra.get(name, ()) for address in shard}
            lost = not queue["shard"] and name in extra and not known & set(queue["endpoints"])
            changed = ("clickhouse_extra_clusters", "address or port") if lost else None
        elif queue["shard"]:
            changed = _moved_shard(queue["shard"], server, cluster)
        elif not endpoints & set(queue["endpoints"]):
            changed = ("clickhouse_address or clickhouse_tcp_port", "address or port")
        else:
            changed = ("clickhouse_cluster_password", "user or password") if server["login_changed"] else None
        if changed:
            variable, change = changed
            found = f"another {change}, while {queue['table']} has {queue['files']} blocks queued for "
            found += ", ".join(queue["endpoints"])
            hint = "These acknowledged rows would never arrive. Keep it, and wait until the queue is empty."
            yield validation_error(variable, host, found, "an empty queue", hint)


def _moved_shard(number: int, server: Result, cluster: Mapping[str, Any]) -> tuple[str, str] | None:
    """The variable and what it changes, if the shard of this number is another one now, or none."""
    present = [shard["name"] for shard in server["shards"]][number - 1 : number]
    wanted = [shard["name"] for shard in cluster["shards"]][number - 1 : number]
    return None if present in ([], [""], wanted) else ("topology_shards", f"shard {number} than {present[0]}")


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
