# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What a new replica lacks of the definitions of another one, and the statements that create it there. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..findings import CRITICAL, Finding
from .definitions import FOREIGN_DATABASES, INNER, Definitions, Table
from .engine import expand

# What a server shows in the place of a password.
HIDDEN = "[HIDDEN]"
CREATE = re.compile(
    r"\s*CREATE (?:TABLE|DICTIONARY|FUNCTION|DATABASE|(?:MATERIALIZED |LIVE |WINDOW )?VIEW)\b(?! IF NOT EXISTS)", re.I
)
STRING = r"'((?:[^'\\]|\\.)*)'"
# The path and the name of the replica.
TABLE_ENGINE = re.compile(rf"(ENGINE\s*=\s*Replicated\w*MergeTree\(\s*){STRING}(\s*,\s*){STRING}")
# The path, the shard and the name of the replica.
DATABASE_ENGINE = re.compile(rf"(ENGINE\s*=\s*Replicated\(\s*'(?:[^'\\]|\\.)*'\s*,\s*){STRING}(\s*,\s*){STRING}")
# Later ones may read earlier ones; a materialized view writes into them, too.
ORDER = ("", "Distributed", "Buffer", "Merge", "Dictionary", "View", "MaterializedView")

Macros = dict[str, str]


def missing_databases(source: Definitions, own: Definitions) -> dict[str, str]:
    """Engine by name."""
    return {name: engine for name, engine in source.databases.items() if name not in own.databases}


def missing_tables(source: Definitions, own: Definitions) -> list[Table]:
    """Without those that come by themselves."""
    present = {table.full_name for table in own.tables}
    return [
        table
        for table in source.tables
        if table.full_name not in present
        and source.databases.get(table.database, "") not in FOREIGN_DATABASES
        and not table.name.startswith(INNER)
    ]


def coming_tables(source: Definitions) -> list[str]:
    """Tables of Replicated databases: the server creates them by itself, when it has read the log of the database."""
    return [table.full_name for table in source.tables if source.databases.get(table.database) == "Replicated"]


def missing_functions(source: Definitions, own: Definitions) -> dict[str, str]:
    """Statement by name."""
    return {name: text for name, text in source.functions.items() if name not in own.functions}


def in_order(statements: Mapping[Table, str]) -> list[Table]:
    """Each table after those that its statement names; otherwise tables first and views last."""
    waiting = sorted(statements, key=lambda table: (_rank(table), table.full_name))
    texts = {table: statements[table].replace("`", "").replace('"', "") for table in waiting}
    named = {table: re.compile(rf"(?<![\w.]){re.escape(table.full_name)}(?!\w)") for table in waiting}
    ordered: list[Table] = []
    while waiting:
        ready = (
            table
            for table in waiting
            if not any(other != table and named[other].search(texts[table]) for other in waiting)
        )
        # Names in a comment may look like a circle; then the kind decides.
        following = next(ready, waiting[0])
        waiting.remove(following)
        ordered.append(following)
    return ordered


def _rank(table: Table) -> int:
    return ORDER.index(table.engine) if table.engine in ORDER else 0


def if_not_exists(statement: str) -> str:
    """The statement, for a run that is repeated."""
    return CREATE.sub(lambda match: f"{match[0].strip()} IF NOT EXISTS", statement, count=1)


def for_replica(statement: str, source: Macros, own: Macros) -> str:
    """The statement with macros where its engine has the shard or the replica of the source as text."""
    for engine in (TABLE_ENGINE, DATABASE_ENGINE):
        statement = engine.sub(lambda match: _with_macros(match, source, own), statement, count=1)
    return statement


def _with_macros(match: re.Match, source: Macros, own: Macros) -> str:
    start, path, comma, replica = match.groups()
    shard = source.get("shard")
    if shard != own.get("shard"):
        path = "/".join("{shard}" if part == shard else part for part in path.split("/"))
    if replica == source.get("replica"):
        replica = "{replica}"
    return f"{start}'{path}'{comma}'{replica}'"


def check_statement(name: str, statement: str, source: Macros, own: Macros) -> Iterator[Finding]:
    """Findings about a statement that would not create what it should. name: of the table or database."""
    if HIDDEN in statement:
        found = "a definition with a password that the server hides"
        hint = "Create it by hand, and run the playbook again."
        yield Finding("definition", CRITICAL, name, found, "a definition that can be copied", hint)
    for engine in (TABLE_ENGINE, DATABASE_ENGINE):
        match = engine.search(statement)
        if match and [expand(match[part], own) for part in (2, 4)] == [expand(match[part], source) for part in (2, 4)]:
            found = f"the path {match[2]} and the replica {match[4]}, which are those of the other replica"
            hint = "Create it by hand with another name of the replica, and run the playbook again."
            yield Finding("definition", CRITICAL, name, found, "an engine with the macros shard and replica", hint)
