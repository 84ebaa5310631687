# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Copies the definitions of another replica to a new one."""

from __future__ import annotations

from collections.abc import Sequence

from ..findings import CRITICAL, Finding, problems
from ..health_check import wait_until_healthy
from .checks import check_replica
from .copying import (
    check_statement,
    coming_tables,
    for_replica,
    if_not_exists,
    in_order,
    missing_databases,
    missing_functions,
    missing_tables,
)
from .definitions import read_database, read_definitions, read_tables
from .http import ClickHouseError, Server
from .status import read_replicas

# Seconds to wait for a healthy replica; the tables are theirs already.
SOURCE_TIMEOUT = 60.0


class CopyError(Exception):
    """A statement failed; the text says which one and why."""


def find_source(
    candidates: Sequence[tuple[Server, str, str]], shard: str, timeout: float
) -> tuple[list[tuple[Server, str]], list[Finding]]:
    """The healthy replicas of a shard, or of all shards if it has none; and what is wrong with them if there are none.

    candidates: server, name and shard of the replicas that have joined. timeout: seconds to wait for a healthy one.
    """
    servers = [(server, name) for server, name, place in candidates if place == shard]
    servers = servers or [(server, name) for server, name, _place in candidates]
    healthy: list[tuple[Server, str]] = []

    def check() -> list[Finding]:
        findings = [check_replica(status, peers=False) for status in read_replicas(servers)]
        healthy[:] = [item for item, found in zip(servers, findings) if not problems(found, CRITICAL)]
        return [] if healthy else [finding for found in findings for finding in found]

    findings = wait_until_healthy(check, min(timeout, SOURCE_TIMEOUT))
    return healthy, findings


class Copy:
    """What a replica lacks of the definitions of another one.

    names: of what it lacks, in the order in which it is created. coming: tables that then come by themselves.
    findings: why some of it cannot be created.
    """

    def __init__(self, server: Server, source: str, own: Server) -> None:
        self.source, self._own = source, own
        theirs, ours = read_definitions(server), read_definitions(own)
        databases = {
            name: read_database(server, name, engine) for name, engine in missing_databases(theirs, ours).items()
        }
        tables = read_tables(server, missing_tables(theirs, ours))
        statements = [
            *missing_functions(theirs, ours).items(),
            *databases.items(),
            *((table.full_name, tables[table]) for table in in_order(tables)),
        ]
        self._statements = [(name, for_replica(text, theirs.macros, ours.macros)) for name, text in statements]
        self.names = [name for name, _text in statements]
        self.coming = coming_tables(theirs)
        self.findings = [
            finding
            for name, text in self._statements
            for finding in check_statement(name, text, theirs.macros, ours.macros)
        ]

    def create(self) -> None:
        for name, statement in self._statements:
            try:
                self._own.execute(if_not_exists(statement))
            except ClickHouseError as error:
                raise CopyError(f"{name}, as on {self.source}, was not created: {error}") from error
