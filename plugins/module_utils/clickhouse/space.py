# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Room for the directories of a server: which they are, what is free, and whether that is enough."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..findings import Finding, validation_error

MINIMUM = "clickhouse_disk_free_min_mb"
# A directory is named by the variable that sets it, and its key there.
DATA = "clickhouse_paths/data"


def local_directories(paths: Mapping[str, Any], storage: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, str]:
    """The directories of a server by their names; the one of the data is empty where nothing sets it.

    paths: clickhouse_paths. storage: clickhouse_storage, which is valid. extra: clickhouse_extra_config.
    """
    found = {DATA: "", **{f"clickhouse_paths/{key}": path for key, path in paths.items() if path}}
    found["clickhouse_extra_config/tmp_path"] = extra.get("tmp_path")
    disks = (("clickhouse_storage", storage), ("clickhouse_extra_config", extra.get("storage_configuration")))
    for variable, configuration in disks:
        for name, disk in _mapping(_mapping(configuration).get("disks")).items():
            if _mapping(disk).get("type", "local") == "local":
                found[f"{variable}/{name}"] = _mapping(disk).get("path")
    absolute = {name: path for name, path in found.items() if isinstance(path, str) and path.startswith("/")}
    return {DATA: "", **absolute}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def read_space(directories: Mapping[str, str], data: str) -> list[dict[str, Any]]:
    """What is free for users without the rights of root, in bytes and inodes, and where the file system is mounted.

    Inodes are None where the file system has no limit of them. A directory that does not exist yet counts as the one
    above it. data: where the data are if no directory is set for them.
    """
    named = {name: path or (data if name == DATA else "") for name, path in directories.items()}
    return [_read(name, path) for name, path in named.items() if path]


def _read(name: str, path: str) -> dict[str, Any]:
    place = os.path.realpath(path)
    while not os.path.exists(place):
        place = os.path.dirname(place)
    disk, mount = os.statvfs(place), place
    while not os.path.ismount(mount):
        mount = os.path.dirname(mount)
    return {
        "name": name,
        "path": path,
        "mount": mount,
        "free_bytes": disk.f_bavail * disk.f_frsize,
        "free_inodes": disk.f_favail if disk.f_files else None,
    }


def validate_space(host: str, space: Iterable[Mapping[str, Any]], minimum_mb: Any) -> Iterator[Finding]:
    """space: what `read_space` returned. minimum_mb: clickhouse_disk_free_min_mb, in MiB; 0 accepts everything."""
    minimum = int(minimum_mb) << 20
    hint = f"Free some, or lower {MINIMUM}; 0 accepts a full file system."
    for row in space if minimum > 0 else ():
        variable, _slash, key = row["name"].partition("/")
        where = f"{key}: {row['path']} on the file system {row['mount']}"
        if row["free_bytes"] < minimum:
            found = f"{where} with {row['free_bytes']} bytes free"
            yield validation_error(variable, host, found, f"at least {minimum} bytes free", hint)
        elif row["free_inodes"] == 0:
            yield validation_error(variable, host, f"{where} without a free inode", "free inodes", hint)
