# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The settings of the updater, from a JSON file that the role writes."""

from __future__ import annotations

import json
from dataclasses import MISSING, dataclass, fields
from typing import Any

from ..discovery.entry import ROOT

CONFIG = "/etc/zoohouse/balancer.json"
KINDS: dict[str, Any] = {"str": str, "float": (int, float), "list": list}
BACKEND = {"name": str, "shard": str, "port": str, "options": str, "hosts": list}


class SettingsError(ValueError):
    """A setting is missing or not valid; the text names it."""


@dataclass(frozen=True)
class Settings:
    """zookeeper: endpoints, as host:port. Times are seconds.

    backends: of haproxy.cfg, each a dict. shard: whose replicas belong there; empty for all. port: which one of an
    entry. options: of servers that are added. hosts: servers that haproxy.cfg has, which the updater leaves alone.
    hold: how long a server stays whose entry has gone. state_file: from it, HAProxy knows the states when it starts.
    """

    cluster: str
    zookeeper: list
    backends: list
    socket: str
    state_file: str
    hold: float = 60.0
    interval: float = 1.0
    resync: float = 30.0
    session_timeout: float = 10.0
    root: str = ROOT
    runtime_dir: str = "/run/zoohouse-balancer"
    haproxy_cfg: str = "/etc/haproxy/haproxy.cfg"

    @property
    def path(self) -> str:
        """Path of the cluster in the registry."""
        return f"{self.root.rstrip('/')}/{self.cluster}"


def parse_settings(text: str) -> Settings:
    """Settings of a JSON text. Raises SettingsError."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"not JSON: {error}") from error
    if not isinstance(values, dict):
        raise SettingsError("found no JSON object")
    known = {item.name: item for item in fields(Settings)}
    for name in values.keys() - known.keys():
        raise SettingsError(f"{name}: unknown setting")
    for name, item in known.items():
        if name not in values:
            if item.default is MISSING:
                raise SettingsError(f"{name}: missing")
        elif not isinstance(values[name], KINDS[str(item.type)]) or isinstance(values[name], bool):
            raise SettingsError(f"{name}: expected type {item.type}")
    for backend in values["backends"]:
        for name, kind in BACKEND.items():
            if not isinstance(backend, dict) or not isinstance(backend.get(name), kind):
                raise SettingsError(f"backends: {name}: missing")
    return Settings(**values)
