# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A server that something else installed: it is adopted as it is, or left alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..findings import Finding, some, validation_error
from .macros import ROLE, VARIABLE

Server = Mapping[str, Any]


def is_foreign(server: Server) -> bool:
    """Whether something else installed the server and it has data or settings that somebody relies on.

    A package that was installed and not used yet has neither.
    """
    return not server["own"] and bool(_content(server))


def validate_adoption(
    host: str,
    server: Server,
    cluster: Mapping[str, Any],
    zookeeper_root: str,
    ddl_path: str,
    adopt: bool,
    extra: Mapping[str, list[list[str]]] | None = None,
) -> Iterator[Finding]:
    """Validation errors of a foreign server: everything that the role would change and its tables depend on.

    server: `deployed` of clickhouse_server_info. cluster: of the topology model. adopt: clickhouse_adopt_existing.
    extra: endpoints of the shards of clickhouse_extra_clusters, by the name of the cluster.
    """
    if not adopt:
        settings = ", ".join(f"{name}={value}" for name, value, _wanted in _identity(host, server, cluster, "", ""))
        yield validation_error(
            "clickhouse_adopt_existing",
            host,
            f"a ClickHouse that this role did not deploy ({server['config_file']}), with {'; '.join(_content(server))}",
            "none",
            "To adopt it without losing data, set clickhouse_adopt_existing=true and keep its identity: "
            f"{settings}. Its users stay, but the user default may log in from the host itself only.",
        )
        return
    if not server["service_config"]:
        hint = "Start it as clickhouse-server.service before it is adopted."
        found = f"a server that runs with {server['config_file']}"
        yield validation_error("clickhouse_adopt_existing", host, found, "the configuration of the service", hint)
        return
    for variable, present, wanted in _identity(host, server, cluster, zookeeper_root, ddl_path):
        if present != wanted:
            found = f"{wanted or 'nothing'}, but the tables of the server need {present}"
            yield validation_error(variable, host, found, present, "They would look for their znodes elsewhere.")
    yield from _validate_clusters(host, server, cluster, extra or {})
    for fragment, elements in server["late_fragments"].items():
        found = f"config.d/{fragment}, which sets {', '.join(elements)} after the fragments of the role"
        hint = f"The server merges fragments in the order of their names: rename it, for example to 00-{fragment}."
        yield validation_error("clickhouse_adopt_existing", host, found, "fragments that the role can override", hint)
    for queue in server["queues"]:
        found = f"{queue['files']} blocks of {queue['table']} queued for {', '.join(queue['endpoints'])}"
        hint = "They are sent with the login of now, which the role replaces. Wait until the queue is empty."
        yield validation_error("clickhouse_adopt_existing", host, found, "an empty queue", hint)


def _content(server: Server) -> list[str]:
    """What somebody relies on, as text."""
    named = (
        ("replicated tables", server["replicated_tables"]),
        ("Distributed tables", server["distributed_tables"]),
        ("other tables", server["other_tables"]),
        ("users", server["users"]),
        ("macros", [f"{name}={value}" for name, value in server["macros"].items()]),
    )
    content = [f"{name} {some(values)}" for name, values in named if values]
    if server["zookeeper_endpoints"]:
        content.append(f"a ZooKeeper with the root {server['zookeeper_root'] or '/'}")
    if server["running"] and not server["service_config"]:
        content.append("a configuration of its own")
    return [*content, f"its data in {server['data_path']}"] if content else []


def _identity(
    host: str, server: Server, cluster: Mapping[str, Any], zookeeper_root: str, ddl_path: str
) -> list[tuple[str, str, str]]:
    """(variable, value of the server, value of the inventory) of what names the znodes of the replica.

    Only the macros that tables use count, and the queue of ON CLUSTER only with a ZooKeeper.
    """
    wanted = cluster["macros"][host]
    identity = [
        (ROLE.get(name, f"{VARIABLE}.{name}"), server["macros"][name], wanted.get(name, ""))
        for name in server["used_macros"]
        if name in server["macros"]
    ]
    if server["replicated_tables"]:
        identity.append(("clickhouse_zookeeper_root", server["zookeeper_root"] or "/", zookeeper_root or "/"))
        if server["ddl_path"]:
            identity.append(("clickhouse_ddl_path", server["ddl_path"], ddl_path))
    return identity


def _validate_clusters(
    host: str, server: Server, cluster: Mapping[str, Any], extra: Mapping[str, list[list[str]]]
) -> Iterator[Finding]:
    """The clusters that Distributed tables read stay, with the same shards in the same order."""
    shards = [[_names(replica) for replica in shard["replicas"]] for shard in cluster["shards"]]
    for name, present in server["clusters"].items():
        tables = f"the Distributed tables {some(present['tables'])}"
        found = "; ".join(", ".join(endpoints) for endpoints in present["shards"]) or "unknown shards"
        if name in extra and present["shards"] != extra[name]:
            wanted = "; ".join(", ".join(endpoints) for endpoints in extra[name])
            hint = "Distributed tables would send and look for the same keys on other shards."
            text = f"{name} with the shards {wanted}, but {tables} read the shards {found}"
            yield validation_error("clickhouse_extra_clusters", host, text, found, hint)
        elif name not in (cluster["name"], *extra):
            hint = "The tables would not find it. Describe it in clickhouse_extra_clusters, or create them again."
            text = f"{cluster['name']}, but {tables} read the cluster {name} ({found})"
            yield validation_error("topology_cluster", host, text, name, hint)
        elif name == cluster["name"] and not _same_shards(present["shards"], shards):
            wanted = "; ".join(", ".join(names[0] for names in shard) for shard in shards)
            hint = "Distributed tables would send and look for the same keys on other shards."
            text = f"the shards {wanted}, but {tables} read the shards {found}"
            yield validation_error("topology_shards", host, text, found, hint)


def _names(replica: Mapping[str, Any]) -> list[str]:
    """A replica as remote_servers may name it."""
    return [f"{name}:{replica['tcp_port']}" for name in (replica["name"], replica["ip"]) if name]


def _same_shards(present: list[list[str]], wanted: list[list[list[str]]]) -> bool:
    """Whether the first shards of the inventory are those of the server. A replica is known by its name or address."""
    return len(present) <= len(wanted) and all(
        len(endpoints) == len(replicas) and all(any(endpoint in names for names in replicas) for endpoint in endpoints)
        for endpoints, replicas in zip(present, wanted)
    )
