# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""clickhouse_macros: names for statements that each server replaces by its own values. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..findings import Finding, validation_error
from .xml import FORBIDDEN

VARIABLE = "clickhouse_macros"
# Statements have it in braces.
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Who sets the others: variables of the role, and the server for each table.
ROLE = {"cluster": "topology_cluster", "replica": "clickhouse_replica", "shard": "clickhouse_shard"}
SERVER = ("database", "server_uuid", "table", "uuid")


def validate_macros(host: str, macros: Mapping[str, Any], metadata: Mapping[str, Any]) -> Iterator[Finding]:
    """metadata: clickhouse_metadata, which may set a macro as well."""
    taken = {name: f"use the variable {variable}" for name, variable in ROLE.items()}
    taken.update(dict.fromkeys(SERVER, "the server sets it for each table"))
    if "databases" in metadata:
        taken["databases"] = "clickhouse_metadata.databases sets it"
    for name, value in macros.items():
        if not NAME.fullmatch(str(name)):
            expected = "a name of letters, digits and '_', with a letter or '_' first"
            yield validation_error(VARIABLE, host, f"the name {name}", expected)
        elif name in taken:
            yield validation_error(VARIABLE, host, f"the macro {name}: {taken[name]}", "another name")
        elif isinstance(value, bool) or not isinstance(value, (str, int, float)) or str(value) == "":
            found = "nothing" if value in (None, "") else value
            yield validation_error(VARIABLE, host, f"{name}: {found}", "a text, in quotes")
        elif FORBIDDEN.search(str(value)) or str(value) != str(value).strip():
            expected = "text without control characters, and without spaces around it"
            yield validation_error(VARIABLE, host, f"{name}: {value!r}", expected)
