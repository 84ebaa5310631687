# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The replica that is deployed on this host: its configuration, its tables and what they have queued.

Everything is read from files, so that a server that does not run is read as well.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

from .queues import read_queues
from .server_config import (
    children,
    data_path,
    is_joining,
    late_fragments,
    read_config,
    read_shards,
    read_users,
    role_data_path,
    role_elements,
)

REPLICATED = re.compile(r"^ENGINE = Replicated\w*MergeTree\b", re.MULTILINE)
# The first parameter is the cluster.
DISTRIBUTED = re.compile(r"^ENGINE = Distributed\(\s*'?([^',\s)]+)", re.MULTILINE)
# Elements of the configuration, by role variable.
PORTS = {
    "clickhouse_http_port": "http_port",
    "clickhouse_tcp_port": "tcp_port",
    "clickhouse_interserver_port": "interserver_http_port",
}
SYSTEM_DATABASES = ("system", "INFORMATION_SCHEMA", "information_schema")
PACKAGED_USERS = ("default", "readonly")
MACRO = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Table:
    """A table, as database.table. cluster: that a Distributed table reads. macros: those in a replicated engine."""

    name: str
    replicated: bool = False
    cluster: str = ""
    macros: tuple[str, ...] = ()


def read_deployed(config_dir: str, record: str, login: str) -> dict[str, Any] | None:
    """The deployed replica; None when there is no configuration.

    config_dir: directory of the config.xml that the service reads. A server that runs is read from the configuration
    that it was started with. record: the file in which config_tree records that the role has deployed it.
    login: login_hash of the user and the password that replicas should use among themselves; empty does not compare.
    """
    service_config = os.path.join(config_dir, "config.xml")
    running = find_server()
    path = running or service_config
    config = read_config(path)
    if config is None:
        return None
    data = data_path(config)
    macros = {child.tag: (child.text or "").strip() for child in children(config, "macros")}
    cluster = macros.get("cluster", "")
    tables = read_tables(data)
    return {
        "own": os.path.exists(record),
        "config_file": path,
        "service_config": os.path.normpath(path) == os.path.normpath(service_config),
        "data_path": data,
        "role_data_path": role_data_path(path),
        "role_elements": role_elements(path),
        "macros": macros,
        "running": bool(running),
        "ports": {name: (config.findtext(element) or "").strip() for name, element in PORTS.items()},
        "zookeeper_root": (config.findtext("zookeeper/root") or "").strip(),
        "zookeeper_endpoints": [_endpoint(node) for node in config.findall("zookeeper/node")],
        "ddl_path": (config.findtext("distributed_ddl/path") or "").strip(),
        "late_fragments": late_fragments(path),
        "users": [user for user in read_users(path, config) if user not in PACKAGED_USERS],
        "shards": read_shards(config, cluster),
        "joining": is_joining(config),
        "login_changed": _login_changed(config, cluster, login),
        "replicated_tables": [table.name for table in tables if table.replicated],
        "distributed_tables": [table.name for table in tables if table.cluster],
        "other_tables": [table.name for table in tables if not table.replicated and not table.cluster],
        "used_macros": sorted({macro for table in tables for macro in table.macros}),
        "clusters": {
            name: {
                "tables": [table.name for table in tables if table.cluster == name],
                "shards": [shard["endpoints"] for shard in read_shards(config, name)],
            }
            for name in sorted({table.cluster for table in tables if table.cluster})
        },
        "queues": _queues(config, data, tables),
    }


def _endpoint(node: ET.Element) -> str:
    """A member as the topology model writes it, such as zk1:2181."""
    host = (node.findtext("host") or "").strip()
    return f"{f'[{host}]' if ':' in host else host}:{(node.findtext('port') or '2181').strip()}"


def find_server(proc: str = "/proc") -> str:
    """The configuration file of the server that runs on this host; empty when none does.

    A server in a container of its own is not part of this host: its files are elsewhere.
    """
    for directory in glob.glob(os.path.join(proc, "[0-9]*")):
        try:
            with open(os.path.join(directory, "comm")) as file:
                # The kernel keeps the first 15 characters of clickhouse-server.
                if file.read().strip() != "clickhouse-serv":
                    continue
            with open(os.path.join(directory, "cmdline"), "rb") as file:
                arguments = file.read().decode("utf-8", "replace").split("\0")
            if not _in_container(directory):
                return os.path.join(_readlink(os.path.join(directory, "cwd")), config_argument(arguments))
        except OSError:
            # The process has ended in the meantime.
            continue
    return ""


def _in_container(directory: str) -> bool:
    """Whether a process has another root. Within a container not even root may look at that of every process."""
    try:
        return not os.path.samefile(os.path.join(directory, "root"), "/")
    except PermissionError:
        return False


def _readlink(path: str) -> str:
    try:
        return os.readlink(path)
    except PermissionError:
        return ""


def config_argument(arguments: list[str]) -> str:
    """The configuration file in the arguments of a server."""
    for argument, following in zip(arguments, [*arguments[1:], ""]):
        match = re.fullmatch(r"(?:--config(?:-file)?|-C)(?:=(.*))?|-C(.+)", argument)
        if match:
            return match[1] or match[2] or following
    return "config.xml"


def read_all_queues(config_dir: str) -> list[dict[str, Any]]:
    """The queues of all Distributed tables of the server on this host."""
    config = read_config(os.path.join(config_dir, "config.xml"))
    data = data_path(config)
    return _queues(config, data, read_tables(data))


def _queues(config: ET.Element | None, data: str, tables: Iterable[Table]) -> list[dict[str, Any]]:
    return [
        asdict(queue)
        for table in tables
        if table.cluster
        for queue in read_queues(data, table.name, read_shards(config, table.cluster) if config is not None else [])
    ]


def login_hash(user: str, password: str) -> str:
    """Compares logins without sending or returning them."""
    return hashlib.sha256(f"{user}:{password}".encode()).hexdigest()


def _login_changed(config: ET.Element, cluster: str, login: str) -> bool:
    replicas = config.findall(f"remote_servers/{cluster}/shard/replica") if cluster else []
    logins = {login_hash(replica.findtext("user") or "", replica.findtext("password") or "") for replica in replicas}
    return bool(login) and logins not in (set(), {login})


def read_tables(data: str) -> list[Table]:
    """All tables outside the databases of the server itself."""
    tables = []
    for path in sorted(glob.glob(os.path.join(data, "metadata", "*", "*.sql"))):
        database, table = (unquote(name) for name in path[: -len(".sql")].split("/")[-2:])
        if database in SYSTEM_DATABASES:
            continue
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        replicated, distributed = REPLICATED.search(text), DISTRIBUTED.search(text)
        parameters = text[replicated.start() :].partition("\n")[0] if replicated else ""
        cluster = distributed[1] if distributed else ""
        tables.append(Table(f"{database}.{table}", bool(replicated), cluster, tuple(MACRO.findall(parameters))))
    return tables
