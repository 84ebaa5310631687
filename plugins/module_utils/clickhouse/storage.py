# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""clickhouse_storage: disks and policies, in the form of storage_configuration. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..findings import Finding, validation_error
from .features import validate_features
from .settings import BOOL, NUMBER, TEXT, Setting
from .xml import to_xml

VARIABLE = "clickhouse_storage"
FEATURE = "storage_policies"
FRAGMENT = "storage"
URL = Setting(FRAGMENT, TEXT, pattern=r"https?://\S+/", expected="a URL that ends with a slash")
# Keys of a disk by its type, and those that it must have.
DISKS: dict[str, tuple[dict[str, Setting], tuple[str, ...]]] = {
    "local": (
        {
            "path": Setting(FRAGMENT, TEXT, pattern=r"/(.*[^/])?/", expected="an absolute path that ends with a slash"),
            "keep_free_space_bytes": Setting(FRAGMENT),
        },
        ("path",),
    ),
    "s3": (
        {
            "endpoint": URL,
            "access_key_id": Setting(FRAGMENT, TEXT),
            "secret_access_key": Setting(FRAGMENT, TEXT),
            "use_environment_credentials": Setting(FRAGMENT, BOOL),
            "region": Setting(FRAGMENT, TEXT),
            "skip_access_check": Setting(FRAGMENT, BOOL),
        },
        ("endpoint",),
    ),
}
POLICY = {"move_factor": Setting(FRAGMENT, NUMBER, maximum=1)}
VOLUME = {
    "max_data_part_size_bytes": Setting(FRAGMENT),
    "max_data_part_size_ratio": Setting(FRAGMENT, NUMBER, maximum=1),
    "prefer_not_to_merge": Setting(FRAGMENT, BOOL),
}
SECRET = ("access_key_id", "secret_access_key")


def validate_storage(host: str, version: str, storage: Mapping[str, Any]) -> Iterator[Finding]:
    """version: one that is valid. Findings show no secrets."""
    if not storage:
        return
    yield from validate_features(host, version, [(VARIABLE, "disks and policies", FEATURE)])
    problems = list(_problems(storage))
    for found, expected in problems:
        yield validation_error(VARIABLE, host, found, expected)
    if not problems:
        try:
            to_xml("storage_configuration", storage)
        except ValueError as error:
            yield validation_error(VARIABLE, host, error)


def _problems(storage: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in sorted({*map(str, storage)} - {"disks", "policies"}):
        yield f"unknown key {key}", "disks or policies"
    disks = _mapping(storage.get("disks"))
    for name, disk in disks.items():
        kind = _mapping(disk).get("type")
        if kind not in DISKS:
            yield f"{name}: type {kind or 'nothing'}", f"one of {', '.join(DISKS)}; others in clickhouse_extra_config"
            continue
        keys, needed = DISKS[kind]
        yield from _values(name, {key: value for key, value in disk.items() if key != "type"}, keys)
        for key in needed:
            if key not in disk:
                yield f"{name}: no {key}", keys[key].expected
        if len([key for key in SECRET if disk.get(key)]) == 1:
            yield f"{name}: one of {' and '.join(SECRET)}", "both or none"
    for name, policy in _mapping(storage.get("policies")).items():
        volumes = _mapping(_mapping(policy).get("volumes"))
        if not volumes:
            yield f"{name}: no volumes", "a dict of volumes"
            continue
        yield from _values(name, {key: value for key, value in policy.items() if key != "volumes"}, POLICY)
        for volume, options in volumes.items():
            where = f"{name}: {volume}"
            options = _mapping(options)
            yield from _values(where, {key: value for key, value in options.items() if key != "disk"}, VOLUME)
            used = options.get("disk") or []
            used = used if isinstance(used, list) else [used]
            if not used:
                yield f"{where}: no disk", "a disk, or a list of disks"
            for disk in used:
                if disk not in disks and disk != "default":
                    yield f"{where}: the disk {disk}", f"one of {', '.join(['default', *disks])}"


def _values(where: str, values: Mapping[str, Any], keys: Mapping[str, Setting]) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if key not in keys:
            yield f"{where}: unknown key {key}", f"one of {', '.join(keys)}"
        elif expected := keys[key].problem(value):
            yield f"{where}: {key}" + ("" if key in SECRET else f": {value}"), expected


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
