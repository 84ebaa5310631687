# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Applies the schema of a cluster, and records in ZooKeeper what was applied."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..findings import CRITICAL, Finding, message, problems
from ..zookeeper.lock import held_lock
from ..zookeeper.znode import ZnodeError
from .checks import check_replica
from .definitions import DATABASES
from .http import ClickHouseError, Server
from .options import server_from
from .schema import Entry, Step, parse_entry, plan, plan_databases, write_record
from .status import read_replicas

# The module reports it, with KAZOO_ERROR of znode.py.
with contextlib.suppress(ImportError):
    from kazoo.exceptions import KazooException, NoNodeError

# Seconds by which the answer to a statement may come later than the server waits for the replicas.
PATIENCE = 30.0

Servers = Sequence[tuple[Server, str]]


def read_records(client, path: str, names: Sequence[str]) -> dict[str, bytes]:
    """The znodes of entries that were applied, by name. Raises ZnodeError."""
    records = {}
    for name in names:
        try:
            records[name] = client.get(f"{path}/{name}")[0]
        except NoNodeError:
            continue
        except KazooException as error:
            raise ZnodeError(f"{path}/{name}: {type(error).__name__} {error}") from error
    return records


def read_databases(servers: Servers) -> dict[str, dict[str, str]]:
    """Engine by name, by server. A server that does not answer is not in the result."""

    def read(server: Server) -> dict[str, str] | None:
        try:
            return {str(row["name"]): str(row["engine"]) for row in server.rows(DATABASES)}
        except ClickHouseError:
            return None

    with ThreadPoolExecutor(max_workers=max(1, len(servers))) as pool:
        found = list(pool.map(lambda item: (item[1], read(item[0])), servers))
    return {name: known for name, known in found if known is not None}


def check_servers(servers: Servers, ddl_path: str) -> list[Finding]:
    """What is critical: a statement ON CLUSTER needs every replica, with its queue."""
    statuses = read_replicas(servers, ddl_path)
    return problems([item for status in statuses for item in check_replica(status, peers=False)], CRITICAL)


class Applying:
    """Sends statements to one server, which hands them to all. Raises ClickHouseError with the place of the statement.

    timeout: seconds that a statement may take on all replicas.
    """

    def __init__(self, server: Server, timeout: float) -> None:
        self._server = Server(server.host, server.port, server.user, server.password, timeout + PATIENCE)
        self._settings = {"distributed_ddl_task_timeout": int(timeout)}

    def databases(self, statements: Mapping[str, str]) -> None:
        for name, statement in statements.items():
            self._send(f"the database {name}", statement)

    def step(self, client, path: str, step: Step) -> None:
        """The rest of an entry. What was applied is recorded after each statement."""
        entry = step.entry
        for number, statement in enumerate(step.missing, step.done + 1):
            self._send(f"{entry.name}, statement {number}", statement)
            record(client, path, entry, number)

    def _send(self, place: str, statement: str) -> None:
        try:
            self._server.execute(statement, self._settings)
        except ClickHouseError as error:
            raise ClickHouseError(f"{place}: {error}") from error


def record(client, path: str, entry: Entry, done: int) -> None:
    """Raises ZnodeError."""
    place = f"{path}/{entry.name}"
    data = write_record(entry, done, time.strftime("on %Y-%m-%d at %H:%M UTC", time.gmtime()))
    try:
        client.ensure_path(place)
        client.set(place, data)
    except KazooException as error:
        raise ZnodeError(f"{place}: {type(error).__name__} {error}") from error


def apply_schema(module: Any, client: Any, endpoints: list[tuple[str, int]]) -> dict[str, Any]:
    """Applies what is missing, under a lock. Returns the results of the module, or ends it with what disagrees."""
    params, path = module.params, module.params["path"].rstrip("/")
    entries = [parse_entry(item["name"], ";\n".join(item["statements"])) for item in params["entries"]]
    names = [entry.name for entry in entries]
    servers = [
        (server_from(params, item["host"], item["port"]), item["name"] or item["host"]) for item in params["servers"]
    ]

    def missing() -> tuple[dict[str, str], list[Step], list[Finding]]:
        """Statements of databases, entries of the schema that are not complete, and findings about the rest."""
        databases, found = plan_databases(params["databases"], read_databases(servers), params["cluster"])
        pending, findings = plan(entries, read_records(client, path, names), path)
        findings = [*found, *findings]
        if problems(findings, CRITICAL):
            lead = "The schema does not agree with what was applied; nothing was applied:"
            module.fail_json(msg=message(findings, lead), findings=[item.as_dict() for item in findings])
        return databases, pending, findings

    databases, pending, findings = missing()
    after = [*databases.values(), *(text for item in pending for text in item.missing)]
    results = {
        "changed": bool(after),
        "applied": [*databases, *(item.entry.name for item in pending)],
        "findings": [item.as_dict() for item in findings],
        "diff": {"before": "", "after": "".join(f"{text};\n" for text in after)},
    }
    if not after or module.check_mode:
        return results
    down = check_servers(servers, params["ddl_path"])
    if down:
        module.fail_json(msg=message(down, "Statements for all replicas need all replicas; nothing was applied:"))
    lock = f"{path.rpartition('/')[0]}/locks/schema"
    with held_lock(endpoints, params["holder"], params["timeout"], lock):
        # Another run may have applied it.
        databases, pending, _findings = missing()
        applying = Applying(server_from(params), params["timeout"])
        applying.databases(databases)
        for item in pending:
            applying.step(client, path, item)
    return results
