# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""clickhouse_backups: where BACKUP may write. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..findings import Finding, validation_error
from .features import missing
from .xml import FORBIDDEN, NAME

VARIABLE = "clickhouse_backups"
FEATURE = "backup_statement"
KEYS = ("allowed_disk", "allowed_path")
PATH = re.compile(r"/([^/]+/)+")


def backups_element(options: Mapping[str, Any]) -> dict[str, Any]:
    """The element of config.xml; a list repeats its element."""
    return {"backups": {key: _listed(value) for key, value in options.items() if value is not None}}


def validate_backups(host: str, version: str, options: Mapping[str, Any], disks: list[str]) -> Iterator[Finding]:
    """version: one that is valid. disks: names of those that the inventory declares."""
    if not options:
        return
    if reason := missing(version, FEATURE):
        yield validation_error(VARIABLE, host, f"backups, which {reason}")
    for key in (key for key in options if key not in KEYS):
        yield validation_error(VARIABLE, host, f"unknown key {key}", f"one of {', '.join(KEYS)}")
    for disk in _listed(options.get("allowed_disk")):
        if not NAME.fullmatch(str(disk)) or disk not in disks:
            hint = "Declare the disk in clickhouse_storage, or in storage_configuration of clickhouse_extra_config."
            yield validation_error(VARIABLE, host, f"allowed_disk: {disk}", f"one of {', '.join(disks)}", hint)
    for path in _listed(options.get("allowed_path")):
        if not isinstance(path, str) or not PATH.fullmatch(path) or FORBIDDEN.search(path):
            yield validation_error(
                VARIABLE, host, f"allowed_path: {path}", "an absolute path that ends with a slash, such as /backups/"
            )


def declared_disks(*configurations: Any) -> list[str]:
    """Names of the disks in storage_configuration of several variables, and the one that every server has."""
    names = ["default"]
    for configuration in configurations:
        disks = configuration.get("disks") if isinstance(configuration, Mapping) else None
        names += map(str, disks) if isinstance(disks, Mapping) else []
    return list(dict.fromkeys(names))


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]
