# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The variables clickhouse_databases and clickhouse_schema, with the files that they name, on the control node."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..findings import Finding, validation_error
from .schema import parse_entry, validate_databases, validate_entry


def load_schema(
    host: str, databases: Sequence[Any], schema: Sequence[Any], cluster: str, directory: str
) -> tuple[dict[str, Any], list[Finding]]:
    """Options of the module clickhouse_schema, and validation errors; without errors the options are complete.

    directory: of the files that have no absolute path.
    """
    wanted, texts, errors = [], [], []
    for item in databases:
        database = {"name": item} if isinstance(item, str) else item
        if not isinstance(database, Mapping) or set(database) - {"name", "engine"} or not database.get("name"):
            errors.append(validation_error("clickhouse_databases", host, item, "a name, or a dict of name and engine"))
        else:
            wanted.append({key: str(value) for key, value in database.items()})
    errors += validate_databases(host, wanted)
    for item in schema:
        try:
            texts.append(_read(item, directory))
        except ValueError as error:
            errors.append(validation_error("clickhouse_schema", host, str(error), "a name, and a file or statements"))
    names = [name for name, _text in texts]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        errors.append(
            validation_error("clickhouse_schema", host, f"{name} {names.count(name)} times", "each name once")
        )
    for name, text in texts:
        errors += validate_entry(host, name, text, cluster)
    if errors:
        return {"databases": [], "entries": []}, errors
    entries = [parse_entry(name, text) for name, text in texts]
    return {
        "databases": wanted,
        "entries": [{"name": entry.name, "statements": list(entry.statements)} for entry in entries],
    }, []


def _read(item: Any, directory: str) -> tuple[str, str]:
    """Name and SQL of an entry. Raises ValueError for one that is not complete."""
    if not isinstance(item, Mapping) or set(item) - {"name", "file", "statements"} or not item.get("name"):
        raise ValueError(f"{item!r}")
    name, path, statements = str(item["name"]), item.get("file"), item.get("statements")
    if bool(path) == bool(statements):
        raise ValueError(f"{name} with {'both a file and' if path else 'neither a file nor'} statements")
    if statements:
        # Each item of a list is one statement.
        return name, ";\n".join(map(str, statements)) if isinstance(statements, list) else str(statements)
    try:
        with open(os.path.join(directory, str(path)), encoding="utf-8") as file:
            return name, file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{name}: {error}") from error
