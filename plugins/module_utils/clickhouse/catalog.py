# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What should be the same on the replicas of a cluster, as fingerprints: tables, users and settings of a server."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Collection, Sequence
from typing import Any

from .deployed import SYSTEM_DATABASES
from .http import ClickHouseError, Server
from .server_config import children, read_config
from .status import MACROS

TABLES = (
    "SELECT database, name, engine, create_table_query FROM system.tables "
    f"WHERE database NOT IN ({', '.join(repr(name) for name in SYSTEM_DATABASES)}) AND NOT is_temporary"
)
# Elements of the configuration that belong to one host, or that the model of the topology compares already.
OWN_SECTIONS = (
    "macros",
    "listen_host",
    "interserver_http_host",
    "interserver_http_port",
    "http_port",
    "tcp_port",
    "path",
    "tmp_path",
    "user_files_path",
    "format_schema_path",
    "users_config",
    "include_from",
    "logger",
)
# Engines of tables that belong to the cluster and not to one server.
SHARED_ENGINES = re.compile(
    r"Replicated\w*MergeTree|Distributed|Merge|Buffer|KeeperMap|View|MaterializedView|Dictionary"
)
# The tables of materialized views whose names hold a UUID. The definition of the view says what they are.
INNER = ".inner_id."
# What each server has for itself: UUIDs, and the path and the name of the replica.
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
OWN_UUID = re.compile(rf" (?:TO INNER )?UUID '{UUID}'|(?<=\.inner_id\.){UUID}")
REPLICA = re.compile(r"(?<= ENGINE = )(Replicated\w*MergeTree)\('((?:[^'\\]|\\.)*)', *'(?:[^'\\]|\\.)*'")


def read_catalog(server: Server, config_dir: str, answers: bool = True) -> dict[str, Any]:
    """Fingerprints of the server on this host, each by name. What could not be read is None.

    tables: shared tables with their engine and the fingerprints of their columns and of their whole definition. users,
    profiles, quotas: of users.xml. settings: sections of config.xml. config_dir: directory of config.xml. answers:
    False does not ask the server, which would only cost another timeout.
    """
    path = os.path.join(config_dir, "config.xml")
    config = read_config(path)
    users = None
    if config is not None:
        users = read_config(os.path.join(config_dir, (config.findtext("users_config") or "users.xml").strip()))
    return {
        "tables": _tables(server) if answers else None,
        "settings": None if config is None else _sections(config),
        "users": None if users is None else _elements(users, ("users", "profiles", "quotas"), server.password),
    }


def _tables(server: Server) -> dict[str, dict[str, str]] | None:
    try:
        macros = [str(row["substitution"]) for row in server.rows(MACROS)]
        return {
            f"{row['database']}.{row['name']}": _table(str(row["engine"]), str(row["create_table_query"]), macros)
            for row in server.rows(TABLES)
            if SHARED_ENGINES.fullmatch(str(row["engine"])) and not str(row["name"]).startswith(INNER)
        }
    except (ClickHouseError, LookupError):
        return None


def _table(engine: str, statement: str, macros: Collection[str]) -> dict[str, str]:
    text = comparable(statement, macros)
    return {"engine": engine, "columns": _hash(text.partition(" ENGINE")[0]), "definition": _hash(text)}


def comparable(statement: str, macros: Collection[str]) -> str:
    """The statement that creates a table, the same on each server that has the same table.

    macros: values of the macros of the server. A path in ZooKeeper may hold them, or their names.
    """
    own = "|".join([r"\{\w+\}", UUID, *(re.escape(value) for value in sorted(macros, key=len, reverse=True) if value)])
    part = re.compile(rf"(?<![^\W_])(?:{own})(?![^\W_])")
    text = OWN_UUID.sub("", statement)
    return REPLICA.sub(lambda engine: f"{engine[1]}('{part.sub('{}', engine[2])}', '{{}}'", text)


def _sections(config: ET.Element) -> dict[str, str]:
    sections: dict[str, list[str]] = {}
    for child in config:
        if isinstance(child.tag, str) and child.tag not in OWN_SECTIONS:
            sections.setdefault(child.tag, []).append(canonical(child))
    return {name: _hash("\n".join(texts)) for name, texts in sections.items()}


def _elements(config: ET.Element, sections: Sequence[str], key: str) -> dict[str, str]:
    """With a key that only the hosts know: nobody who reads the result can try passwords."""
    return {
        f"{section}/{child.tag}": hmac.new(key.encode(), canonical(child).encode(), "sha256").hexdigest()[:12]
        for section in sections
        for child in children(config, section)
    }


def canonical(element: ET.Element) -> str:
    """An element without comments, attributes of merging and white space."""
    below = [canonical(child) for child in element if isinstance(child.tag, str)]
    return f"<{element.tag}>{(element.text or '').strip()}{''.join(below)}</{element.tag}>"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
