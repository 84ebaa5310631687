# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The replica that is deployed on this host: its configuration, its tables and what they have queued.

Everything is read from files, so that a server that does not run is read as well.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import re
import xml.etree.ElementTree as ET
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

REPLICATED = re.compile(r"^ENGINE = Replicated\w*MergeTree\b", re.MULTILINE)
DISTRIBUTED = re.compile(r"^ENGINE = Distributed\b", re.MULTILINE)
# Elements of the configuration, by role variable.
PORTS = {
    "clickhouse_http_port": "http_port",
    "clickhouse_tcp_port": "tcp_port",
    "clickhouse_interserver_port": "interserver_http_port",
}
# The template of remote_servers names each shard in a comment.
SHARD_COMMENT = re.compile(r"\s*shard (\S+)\s*")


@dataclass(frozen=True)
class Queue:
    """Blocks that a Distributed table has acknowledged and not sent yet.

    endpoints: host:port of the replicas, one of which gets them. files: number of blocks. bytes: their size.
    """

    table: str
    endpoints: list[str]
    files: int
    bytes: int


def read_deployed(config_dir: str, record: str, login: str) -> dict[str, Any] | None:
    """The deployed replica; None when there is no configuration.

    config_dir: directory of config.xml. record: the file in which config_tree records that the role has deployed it.
    login: login_hash of the user and the password that replicas should use among themselves; empty does not compare.
    """
    config = read_config(config_dir)
    if config is None:
        return None
    data_path = (config.findtext("path") or "/var/lib/clickhouse/").strip()
    macros = {child.tag: (child.text or "").strip() for child in _children(config, "macros")}
    cluster = macros.get("cluster", "")
    replicated, distributed = read_tables(data_path)
    return {
        "own": os.path.exists(record),
        "data_path": data_path,
        "macros": macros,
        "running": is_running(),
        "ports": {name: (config.findtext(element) or "").strip() for name, element in PORTS.items()},
        "zookeeper_root": (config.findtext("zookeeper/root") or "").strip(),
        "shards": read_shards(config, cluster),
        "login_changed": _login_changed(config, cluster, login),
        "replicated_tables": replicated,
        "distributed_tables": distributed,
        "queues": [asdict(queue) for table in distributed for queue in read_queues(data_path, table)],
    }


def is_running(proc: str = "/proc") -> bool:
    """Whether a server process runs on this host."""
    for path in glob.glob(os.path.join(proc, "[0-9]*", "comm")):
        with contextlib.suppress(OSError), open(path) as file:
            # The kernel keeps the first 15 characters of clickhouse-server.
            if file.read().strip() == "clickhouse-serv":
                return True
    return False


def read_all_queues(config_dir: str) -> list[dict[str, Any]]:
    """The queues of all Distributed tables of the server on this host."""
    config = read_config(config_dir)
    data_path = ((config.findtext("path") if config is not None else "") or "/var/lib/clickhouse/").strip()
    return [asdict(queue) for table in read_tables(data_path)[1] for queue in read_queues(data_path, table)]


def read_config(config_dir: str) -> ET.Element | None:
    """config.xml with the fragments of config.d merged into it; None when there is no config.xml."""
    try:
        config = _parse(os.path.join(config_dir, "config.xml"))
    except (FileNotFoundError, ET.ParseError):
        return None
    for path in sorted(glob.glob(os.path.join(config_dir, "config.d", "*.xml"))):
        try:
            merge(config, _parse(path))
        except ET.ParseError:
            # The server does not read it either.
            continue
    return config


def _parse(path: str) -> ET.Element:
    return ET.parse(path, ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))).getroot()


def merge(config: ET.Element, fragment: ET.Element) -> None:
    """As the server merges fragments: replace and remove are attributes, other elements are merged by their name."""
    for child in fragment:
        if not isinstance(child.tag, str):
            continue
        present = config.find(child.tag)
        if present is None:
            if "remove" not in child.attrib:
                config.append(child)
        elif "remove" in child.attrib:
            config.remove(present)
        elif "replace" in child.attrib:
            config[list(config).index(present)] = child
        elif len(child):
            merge(present, child)
        else:
            present.text = child.text


def _children(config: ET.Element, path: str) -> list[ET.Element]:
    found = config.find(path)
    return [] if found is None else [child for child in found if isinstance(child.tag, str)]


def read_shards(config: ET.Element, cluster: str) -> list[dict[str, Any]]:
    """The shards of a cluster in their order: name (empty when no comment names it) and endpoints, as host:port."""
    element = config.find(f"remote_servers/{cluster}") if cluster else None
    shards, name = [], ""
    for child in element if element is not None else ():
        if child.tag is ET.Comment:
            match = SHARD_COMMENT.fullmatch(child.text or "")
            name = match[1] if match else ""
        elif child.tag == "shard":
            endpoints = [_endpoint(replica) for replica in child.findall("replica")]
            shards.append({"name": name, "endpoints": endpoints})
            name = ""
    return shards


def _endpoint(replica: ET.Element) -> str:
    return f"{(replica.findtext('host') or '').strip()}:{(replica.findtext('port') or '').strip()}"


def login_hash(user: str, password: str) -> str:
    """Compares logins without sending or returning them."""
    return hashlib.sha256(f"{user}:{password}".encode()).hexdigest()


def _login_changed(config: ET.Element, cluster: str, login: str) -> bool:
    replicas = config.findall(f"remote_servers/{cluster}/shard/replica") if cluster else []
    logins = {login_hash(replica.findtext("user") or "", replica.findtext("password") or "") for replica in replicas}
    return bool(login) and logins not in (set(), {login})


def read_tables(data_path: str) -> tuple[list[str], list[str]]:
    """Replicated and Distributed tables, as database.table."""
    replicated, distributed = [], []
    for path in sorted(glob.glob(os.path.join(data_path, "metadata", "*", "*.sql"))):
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        database, table = os.path.split(path)[0].rpartition("/")[2], os.path.basename(path)[: -len(".sql")]
        name = f"{unquote(database)}.{unquote(table)}"
        if REPLICATED.search(text):
            replicated.append(name)
        elif DISTRIBUTED.search(text):
            distributed.append(name)
    return replicated, distributed


def read_queues(data_path: str, table: str) -> list[Queue]:
    """The queues of a Distributed table. The names of their directories hold the login, which is not returned."""
    database, _dot, name = table.partition(".")
    queues = []
    for directory in sorted(glob.glob(os.path.join(data_path, "data", _escaped(database), _escaped(name), "*"))):
        files = glob.glob(os.path.join(glob.escape(directory), "*.bin"))
        if files:
            # user:password@host:port#database for each replica of the shard, each part escaped.
            addresses = [part.rpartition("@")[2].partition("#")[0] for part in os.path.basename(directory).split(",")]
            endpoints = [unquote(address) for address in addresses]
            queues.append(Queue(table, endpoints, len(files), sum(os.path.getsize(file) for file in files)))
    return queues


def _escaped(name: str) -> str:
    """A name as the server writes it into a file name, as a pattern of glob."""
    return glob.escape(
        "".join(
            c if c.isascii() and (c.isalnum() or c == "_") else "".join(f"%{b:02X}" for b in c.encode()) for c in name
        )
    )
