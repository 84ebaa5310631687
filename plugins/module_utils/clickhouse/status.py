# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The status of one replica, as it reports it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..limits import as_number
from .features import has
from .http import TIMED_OUT, ClickHouseError, Server

# Columns that every supported version has.
REPLICA_COLUMNS = (
    "database",
    "table",
    "is_readonly",
    "is_session_expired",
    "absolute_delay",
    "zookeeper_path",
    "replica_name",
    "queue_size",
)
# Columns that the server reads from ZooKeeper.
ZOOKEEPER_COLUMNS = ("total_replicas", "active_replicas")
# What a row must have to be checked.
NAMES = ("database", "table")
NUMBERS = ("is_readonly", "is_session_expired", "absolute_delay")
MACROS = "SELECT macro, substitution FROM system.macros"
ENGINES = "SELECT database, name, engine_full FROM system.tables WHERE engine LIKE 'Replicated%'"


@dataclass(frozen=True)
class ReplicaStatus:
    """What one replica answered; an error says why an answer is missing.

    replicas: rows of system.replicas, which replica_row checks. macros: substitutions by macro. engines: engine of each
    replicated table, by database and name, as it was created, that is, with macros that are not expanded.
    """

    host: str
    version: str = ""
    ping_error: str = ""
    login_error: str = ""
    session_error: str = ""
    ddl_error: str = ""
    replicas_error: str = ""
    replicas: list[dict] = field(default_factory=list)
    macros: dict[str, str] = field(default_factory=dict)
    engines: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def answers(self) -> bool:
        """Whether it answers queries."""
        return not self.ping_error and not self.login_error

    @property
    def waits_for_zookeeper(self) -> bool:
        """Whether its member does not answer it: each query of ZooKeeper would cost another timeout."""
        return self.session_error.endswith(TIMED_OUT)


def read_replica(server: Server, ddl_path: str = "", name: str = "") -> ReplicaStatus:
    """The status of the replica. Never raises for an unhealthy server: the errors say what it did not answer.

    ddl_path: queue of ON CLUSTER statements, relative to the chroot; empty skips this query. name: name in findings.
    """
    host = name or server.host
    try:
        server.ping()
    except ClickHouseError as error:
        return ReplicaStatus(host, ping_error=str(error))
    try:
        version = str(server.rows("SELECT version() AS version")[0]["version"])
    except (ClickHouseError, LookupError, TypeError) as error:
        return ReplicaStatus(host, login_error=str(error))
    session_error = _error(lambda: _session(server))
    # Without a session every further query of ZooKeeper would only cost another timeout.
    ddl_error = _error(lambda: _ddl_queue(server, ddl_path)) if ddl_path and not session_error else ""
    replicas: list[dict] = []
    waits = session_error.endswith(TIMED_OUT)
    replicas_error = _error(lambda: replicas.extend(_read_tables(server, version, not waits)))
    macros: dict[str, str] = {}
    engines: dict[tuple[str, str], str] = {}
    if replicas:
        # An error leaves them empty: the other queries say already what is wrong.
        _error(lambda: macros.update(_read_macros(server)))
        _error(lambda: engines.update(_read_engines(server)))
    return ReplicaStatus(
        host,
        version,
        session_error=session_error,
        ddl_error=ddl_error,
        replicas_error=replicas_error,
        replicas=replicas,
        macros=macros,
        engines=engines,
    )


def read_replicas(servers: Sequence[tuple[Server, str]], ddl_path: str = "") -> list[ReplicaStatus]:
    """The status of each server, with its name in findings. All servers are asked at the same time."""
    with ThreadPoolExecutor(max_workers=max(1, len(servers))) as pool:
        return list(pool.map(lambda server: read_replica(server[0], ddl_path, server[1]), servers))


def _read_tables(server: Server, version: str, zookeeper: bool) -> list[dict]:
    return server.rows(f"SELECT {', '.join(replica_columns(version, zookeeper))} FROM system.replicas")


def _read_macros(server: Server) -> dict[str, str]:
    return {str(row["macro"]): str(row["substitution"]) for row in server.rows(MACROS)}


def _read_engines(server: Server) -> dict[tuple[str, str], str]:
    return {(str(row["database"]), str(row["name"])): str(row["engine_full"]) for row in server.rows(ENGINES)}


def _error(query: Callable[[], object]) -> str:
    """Runs a query; returns its error, empty when it succeeded."""
    try:
        query()
    except ClickHouseError as error:
        return str(error)
    except (LookupError, TypeError, ValueError) as error:
        return f"unexpected answer: {error!r}"
    return ""


def replica_columns(version: str, zookeeper: bool = True) -> tuple[str, ...]:
    """The columns of system.replicas that are checked, as far as the version has them.

    zookeeper: False leaves out those that the server reads from ZooKeeper.
    """
    if not zookeeper:
        return REPLICA_COLUMNS
    more = ("zookeeper_exception",) if has(version, "replicas_zookeeper_exception") else ()
    return REPLICA_COLUMNS + ZOOKEEPER_COLUMNS + more


def replica_row(row: object) -> dict[str, Any]:
    """A row of system.replicas whose names are text and whose numbers are whole. Raises ValueError for another one."""
    if not isinstance(row, dict):
        raise ValueError(f"a row that is {str(row)[:80]!r}")
    # The server was not asked for both, or has answered both.
    numbers = NUMBERS + (ZOOKEEPER_COLUMNS if row.keys() & set(ZOOKEEPER_COLUMNS) else ())
    values = {column: as_number(row.get(column)) for column in numbers}
    wrong = [column for column in NAMES if not isinstance(row.get(column), str)]
    wrong += [column for column, value in values.items() if value is None]
    if wrong:
        found = ", ".join(f"{column} {str(row.get(column, 'missing'))[:80]!r}" for column in wrong)
        raise ValueError(f"a row with {found}")
    return {**row, **{column: int(value) for column, value in values.items() if value is not None}}


def _session(server: Server) -> None:
    if not server.rows("SELECT count() AS children FROM system.zookeeper WHERE path = '/'")[0]["children"]:
        raise ClickHouseError("the chroot is empty")


def _ddl_queue(server: Server, path: str) -> None:
    parent, _slash, name = path.rstrip("/").rpartition("/")
    parent, name = (value.replace("\\", "\\\\").replace("'", "\\'") for value in (parent or "/", name))
    query = f"SELECT count() AS queues FROM system.zookeeper WHERE path = '{parent}' AND name = '{name}'"
    if not server.rows(query)[0]["queues"]:
        raise ClickHouseError(f"{path} does not exist in ZooKeeper")
