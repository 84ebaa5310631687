# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What one replica says of itself, captured so that judging it is a pure function."""

from __future__ import annotations

from dataclasses import dataclass, field

from .features import has
from .http import ClickHouseError, Server

# Columns that every supported version has. For the last two the server itself asks ZooKeeper.
REPLICA_COLUMNS = (
    "database",
    "table",
    "is_readonly",
    "is_session_expired",
    "absolute_delay",
    "queue_size",
    "total_replicas",
    "active_replicas",
)


@dataclass(frozen=True)
class Reading:
    """One replica's answers; an error beside each answer says why it is not there."""

    host: str
    version: str = ""
    ping_error: str = ""
    login_error: str = ""
    session_error: str = ""
    ddl_error: str = ""
    replicas_error: str = ""
    replicas: list[dict] = field(default_factory=list)


def read(server: Server, ddl_path: str = "", name: str = "") -> Reading:
    """Never raises for a sick server: what it could not answer is in the errors.

    ddl_path: queue of ON CLUSTER statements, seen from the chroot; empty leaves that question out.
    """
    host = name or server.host
    try:
        server.ping()
    except ClickHouseError as error:
        return Reading(host, ping_error=str(error))
    try:
        version = str(server.rows("SELECT version() AS version")[0]["version"])
    except (ClickHouseError, LookupError, TypeError) as error:
        return Reading(host, login_error=str(error))
    session_error = _error(lambda: _session(server))
    # With no session every further question to ZooKeeper would only cost another timeout.
    ddl_error = _error(lambda: _ddl_queue(server, ddl_path)) if ddl_path and not session_error else ""
    replicas: list[dict] = []
    replicas_error = _error(
        lambda: replicas.extend(server.rows(f"SELECT {', '.join(replica_columns(version))} FROM system.replicas"))
    )
    return Reading(
        host,
        version,
        session_error=session_error,
        ddl_error=ddl_error,
        replicas_error=replicas_error,
        replicas=replicas,
    )


def _error(question) -> str:
    try:
        question()
    except ClickHouseError as error:
        return str(error)
    except (LookupError, TypeError, ValueError) as error:
        return f"an answer that is not understood: {error!r}"
    return ""


def replica_columns(version: str) -> tuple[str, ...]:
    """The columns of system.replicas that are judged, as far as the version has them."""
    more = ("zookeeper_exception",) if has(version, "replicas_zookeeper_exception") else ()
    return REPLICA_COLUMNS + more


def _session(server: Server) -> None:
    if not server.rows("SELECT count() AS children FROM system.zookeeper WHERE path = '/'")[0]["children"]:
        raise ClickHouseError("an empty chroot")


def _ddl_queue(server: Server, path: str) -> None:
    parent, _, name = path.rstrip("/").rpartition("/")
    parent, name = (value.replace("\\", "\\\\").replace("'", "\\'") for value in (parent or "/", name))
    query = f"SELECT count() AS queues FROM system.zookeeper WHERE path = '{parent}' AND name = '{name}'"
    if not server.rows(query)[0]["queues"]:
        raise ClickHouseError(f"{path} is not in ZooKeeper")
