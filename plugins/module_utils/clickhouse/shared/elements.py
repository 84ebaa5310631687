# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""clickhouse_shared_config as elements: each is one znode, and one include in a fragment of the servers. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..features import has
from ..settings import FRAGMENTS, SERVER
from ..xml import text_to_xml

VARIABLE = "clickhouse_shared_config"
# Below the chroot of the cluster; below it, one znode for each element, and the versions.
PLACE = "/zoohouse/config"
CURRENT, HISTORY = "current", "history"
# Sections of config.xml whose elements are shared, each with the feature since which a server takes over a change
# within seconds: with an empty one every version does, with None no version.
SECTIONS: dict[str, str | None] = {name: FRAGMENTS[name] for name in ("distributed_ddl", "macros", "merge_tree")}
# Sections that are not, and why.
REFUSED = {
    "remote_servers": "a cluster that a server refuses, or whose znode is missing, takes the other clusters with it",
    "zookeeper": "servers need it to read the others",
}
# Settings of the server that stand in no section. Others have a path of their own.
SETTINGS = {name: setting for name, setting in SERVER.items() if not setting.path}
# The fragments: what the server reloads, and what it reads when it starts.
RELOADED, RESTARTED = "zz-shared", "zz-shared-restart"


def elements(config: Mapping[str, Any]) -> dict[str, str]:
    """The content of each znode, by the path of the element, such as merge_tree/parts_to_throw_insert.

    Raises ValueError for what XML cannot carry.
    """
    return {path: text_to_xml(value, path) for path, value in paths(config)}


def paths(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The path and the value of each element. A section is no element, so that what others set in it stays."""
    for section, value in config.items():
        if isinstance(value, Mapping):
            yield from ((f"{section}/{name}", item) for name, item in value.items())
        else:
            yield str(section), value


def is_reloaded(path: str, version: str) -> bool:
    """Whether a server of this version takes over a change of the element without a restart."""
    section, _slash, name = path.partition("/")
    feature = SECTIONS.get(section) if name else FRAGMENTS[SETTINGS[section].fragment] if section in SETTINGS else None
    return feature is not None and (not feature or has(version, feature))


def restarted(chosen: Iterable[str], version: str) -> list[str]:
    return sorted(path for path in chosen if not is_reloaded(path, version))


def fragments(contents: Mapping[str, str], version: str) -> dict[str, dict[str, Any]]:
    """Both fragments by name, where they include something: the elements, and a digest of what is in the znodes.

    With the digest in it, the file changes with the znodes, so that servers are restarted that need it.
    """
    found: dict[str, dict[str, Any]] = {}
    for name in (RELOADED, RESTARTED):
        chosen = {path: text for path, text in contents.items() if is_reloaded(path, version) is (name == RELOADED)}
        if chosen:
            found[name] = {"elements": includes(chosen), "digest": digest(chosen) if name == RESTARTED else ""}
    return found


def includes(chosen: Iterable[str]) -> dict[str, Any]:
    """Empty elements that the server fills from ZooKeeper.

    They replace elements of the same path in earlier files. Without that, 18.16 keeps the earlier element without its
    text and does not include anything. The sections around them are merged.
    """
    content: dict[str, Any] = {}
    for path in sorted(chosen):
        section, _slash, name = path.partition("/")
        element = {"@replace": "replace", "@from_zk": f"{PLACE}/{CURRENT}/{path}"}
        if name:
            content.setdefault(section, {})[name] = element
        else:
            content[section] = element
    return content


def digest(contents: Mapping[str, str]) -> str:
    text = "".join(f"{path}\0{contents[path]}\0" for path in sorted(contents))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
