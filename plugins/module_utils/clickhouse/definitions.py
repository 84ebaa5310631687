# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The databases, tables and SQL functions of a server, with the statements that create them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .deployed import SYSTEM_DATABASES
from .features import has
from .http import Server
from .status import MACROS

SYSTEM = ", ".join(repr(name) for name in SYSTEM_DATABASES)
DATABASES = f"SELECT name, engine FROM system.databases WHERE name NOT IN ({SYSTEM})"
OBJECTS = (
    "SELECT database, name, engine, engine_full FROM system.tables "
    f"WHERE database NOT IN ({SYSTEM}) AND NOT is_temporary"
)
SQL_FUNCTIONS = "SELECT name, create_query FROM system.functions WHERE origin = 'SQLUserDefined'"
# The tables of these databases come by themselves, from ZooKeeper or from another server.
FOREIGN_DATABASES = ("Replicated", "Dictionary", "MySQL", "PostgreSQL", "MaterializedMySQL", "MaterializedPostgreSQL",
                     "SQLite", "Filesystem", "S3", "HDFS", "DataLakeCatalog", "Backup")  # fmt: skip
# Databases that their engine alone describes.
PLAIN_DATABASES = ("Ordinary", "Atomic", "Memory", "Dictionary")
# Tables of materialized views, which are created with them.
INNER = (".inner.", ".inner_id.")


@dataclass(frozen=True)
class Table:
    """engine_full: the engine with its parameters, as the table was created."""

    database: str
    name: str
    engine: str
    engine_full: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.database}.{self.name}"


@dataclass
class Definitions:
    """What one server has. databases: engine by name. functions: statement by name."""

    version: str
    macros: dict[str, str] = field(default_factory=dict)
    databases: dict[str, str] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    functions: dict[str, str] = field(default_factory=dict)


def read_definitions(server: Server) -> Definitions:
    """Raises ClickHouseError for a server that does not answer."""
    found = Definitions(str(server.rows("SELECT version() AS version")[0]["version"]))
    found.macros = {str(row["macro"]): str(row["substitution"]) for row in server.rows(MACROS)}
    found.databases = {str(row["name"]): str(row["engine"]) for row in server.rows(DATABASES)}
    found.tables = [
        Table(*(str(row[column]) for column in ("database", "name", "engine", "engine_full")))
        for row in server.rows(OBJECTS)
    ]
    if has(found.version, "sql_functions"):
        found.functions = {str(row["name"]): str(row["create_query"]) for row in server.rows(SQL_FUNCTIONS)}
    return found


def read_database(server: Server, name: str, engine: str) -> str:
    """The statement that creates a database."""
    if engine in PLAIN_DATABASES:
        return f"CREATE DATABASE {quoted(name)} ENGINE = {engine}"
    return str(server.rows(f"SHOW CREATE DATABASE {quoted(name)}")[0]["statement"])


def read_tables(server: Server, tables: Iterable[Table]) -> dict[Table, str]:
    """The statement that creates each table. With its UUID, if that is part of its path in ZooKeeper."""
    return {
        table: str(
            server.rows(
                f"SHOW CREATE TABLE {quoted(table.database)}.{quoted(table.name)}",
                {"show_table_uuid_in_table_create_query_if_not_nil": 1} if "{uuid}" in table.engine_full else {},
            )[0]["statement"]
        )
        for table in tables
    }


def quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
