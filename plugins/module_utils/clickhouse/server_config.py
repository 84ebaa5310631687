# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The configuration of a server as it reads it: fragments and substitutions merged into one tree."""

from __future__ import annotations

import glob
import os
import re
import xml.etree.ElementTree as ET
from typing import Any

# File with substitutions, unless the configuration names another one in include_from.
INCLUDES = "/etc/metrika.xml"
# The data directory of the packages.
PACKAGED_DATA = "/var/lib/clickhouse/"
# Elements that the role sets, and its fragment in config.d for each.
ROLE_FRAGMENTS = {
    "macros": "macros.xml",
    "zookeeper": "zookeeper.xml",
    "remote_servers": "remote_servers.xml",
    "distributed_ddl": "distributed_ddl.xml",
    "listen_host": "listen.xml",
    "http_port": "listen.xml",
    "tcp_port": "listen.xml",
    "interserver_http_port": "listen.xml",
    "interserver_http_host": "interserver.xml",
}
# The template of remote_servers names each shard in a comment.
SHARD_COMMENT = re.compile(r"\s*shard (\S+)\s*")
# A path of elements, as the attribute incl names one.
ELEMENTS = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*")
# Levels of elements. No configuration of a server has that many, and reading more would exhaust the stack.
DEEPEST = 100
# It marks a replica that the others do not know yet.
JOINING_COMMENT = re.compile(r"\s*joining\b.*", re.DOTALL)


def read_config(path: str) -> ET.Element | None:
    """A configuration file with its fragments and substitutions; None when it does not exist or cannot be parsed.

    path: config.xml, or the users.xml that it names. Fragments are in conf.d and in config.d (users.d) beside it.
    """
    try:
        config = _parse(path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ET.ParseError):
        return None
    folder, name = os.path.split(path)
    folders = ("conf.d", os.path.splitext(name)[0] + ".d")
    for fragment in sorted(path for part in folders for path in glob.glob(os.path.join(folder, part, "*.xml"))):
        try:
            merge(config, _parse(fragment))
        except (FileNotFoundError, IsADirectoryError, ET.ParseError):
            # The server does not read it either.
            continue
    _substitute(config, (config.findtext("include_from") or INCLUDES).strip())
    return config


def data_path(config: ET.Element | None) -> str:
    """Where a server with this configuration keeps its data; the default without one."""
    return ((config.findtext("path") if config is not None else "") or PACKAGED_DATA).strip()


def role_data_path(path: str) -> str:
    """The data directory that the role has set; empty when it has not. path: config.xml."""
    try:
        return (_parse(os.path.join(os.path.dirname(path), "config.d", "paths.xml")).findtext("path") or "").strip()
    except (FileNotFoundError, ET.ParseError):
        return ""


def role_elements(path: str) -> dict[str, list[str]]:
    """The macros and clusters that the role has set, by section. path: config.xml."""
    found: dict[str, list[str]] = {}
    for section in ("macros", "remote_servers"):
        try:
            fragment = _parse(os.path.join(os.path.dirname(path), "config.d", ROLE_FRAGMENTS[section]))
        except (FileNotFoundError, ET.ParseError):
            fragment = ET.Element("none")
        found[section] = sorted(child.tag for child in children(fragment, section))
    return found


def late_fragments(path: str) -> dict[str, list[str]]:
    """Elements of the role that other fragments set again, by fragment: the last one in the order of names counts.

    path: config.xml.
    """
    late: dict[str, list[str]] = {}
    for fragment in sorted(glob.glob(os.path.join(os.path.dirname(path), "config.d", "*.xml"))):
        name = os.path.basename(fragment)
        try:
            elements = {child.tag for child in _parse(fragment) if isinstance(child.tag, str)}
        except (FileNotFoundError, IsADirectoryError, ET.ParseError):
            continue
        found = [element for element, own in ROLE_FRAGMENTS.items() if element in elements and name > own]
        if found and name not in ROLE_FRAGMENTS.values():
            late[name] = found
    return late


def read_users(path: str, config: ET.Element) -> list[str]:
    """Names of the users in the users file of a configuration. path: the file that `config` was read from."""
    name = (config.findtext("users_config") or "users.xml").strip()
    users = read_config(os.path.join(os.path.dirname(path), name))
    return [] if users is None else [user.tag for user in children(users, "users")]


def _parse(path: str) -> ET.Element:
    """Raises ParseError for everything that is no configuration."""
    try:
        root = ET.parse(path, ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))).getroot()
    except (LookupError, ValueError) as error:
        # An encoding that nobody knows.
        raise ET.ParseError(str(error)) from error
    level = [root]
    for _depth in range(DEEPEST):
        level = [child for element in level for child in element]
    if level:
        raise ET.ParseError(f"more than {DEEPEST} levels")
    return root


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


def _substitute(config: ET.Element, path: str) -> None:
    """Elements with the attribute incl get the content of the element of that name in the file with substitutions."""
    try:
        includes = _parse(path)
    except (OSError, ET.ParseError):
        return
    for element in [element for element in config.iter() if element.get("incl")]:
        name = str(element.get("incl"))
        source = includes.find(name) if ELEMENTS.fullmatch(name) else None
        if source is not None:
            if element.get("replace"):
                del element[:]
            element.text = source.text
            element.extend(list(source))


def children(config: ET.Element, path: str) -> list[ET.Element]:
    """The elements below a path, without comments."""
    found = config.find(path)
    return [] if found is None else [child for child in found if isinstance(child.tag, str)]


def read_shards(config: ET.Element, cluster: str) -> list[dict[str, Any]]:
    """The shards of a cluster in their order: name (empty when no comment names it) and endpoints, as host:port."""
    element = config.find(f"remote_servers/{cluster}") if re.fullmatch(r"[\w.-]+", cluster) else None
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


def is_joining(config: ET.Element) -> bool:
    """Whether the role has deployed the replica, but has not let it join the cluster yet."""
    element = config.find("remote_servers")
    comments = [child.text or "" for child in element if child.tag is ET.Comment] if element is not None else []
    return any(JOINING_COMMENT.fullmatch(text) for text in comments)


def _endpoint(replica: ET.Element) -> str:
    return f"{(replica.findtext('host') or '').strip()}:{(replica.findtext('port') or '').strip()}"
