# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The settings of the agent, from a JSON file that the role writes."""

from __future__ import annotations

import json
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from .entry import PORTS, RESERVED, ROOT, Entry, name_problem

CONFIG = "/etc/zoohouse/discovery.json"
KINDS: dict[str, Any] = {"str": str, "int": int, "float": (int, float), "list": list, "dict": dict}


class SettingsError(ValueError):
    """A setting is missing or not valid; the text names it."""


@dataclass(frozen=True)
class Settings:
    """zookeeper: endpoints, as host:port. ports: http, tcp, interserver and check. Times are seconds.

    The role's documentation explains each one.
    """

    cluster: str
    shard: str
    replica: str
    host: str
    addresses: list
    ports: dict
    zookeeper: list
    login_user: str
    login_password: str = field(repr=False)
    login_host: str = "127.0.0.1"
    root: str = ROOT
    weight: int = 100
    session_timeout: float = 10.0
    interval: float = 1.0
    timeout: float = 2.0
    rise: int = 3
    fall: int = 2
    max_delay: float = 300.0
    ignored_tables: list = field(default_factory=list)
    hold: float = 600.0
    settle: float = 60.0
    check_address: str = "0.0.0.0"
    runtime_dir: str = "/run/zoohouse-discovery"
    state_dir: str = "/var/lib/zoohouse-discovery"

    @property
    def path(self) -> str:
        """Path of the entry in ZooKeeper."""
        return self.root.rstrip("/") + self.entry().path

    def entry(self, state: str = "up", version: str = "", reason: str = "") -> Entry:
        addresses, ports = tuple(self.addresses), {name: self.ports[name] for name in PORTS}
        return Entry(
            self.cluster, self.shard, self.replica, self.host, addresses, ports, version, self.weight, state, reason
        )


def parse_settings(text: str) -> Settings:
    """Settings of a JSON text. Raises SettingsError."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"not JSON: {error}") from error
    if not isinstance(values, dict):
        raise SettingsError("found no JSON object")
    known = {item.name: item for item in fields(Settings)}
    unknown = sorted(values.keys() - known.keys())
    if unknown:
        raise SettingsError(f"{unknown[0]}: unknown setting")
    for name, item in known.items():
        if name not in values:
            if item.default is MISSING and item.default_factory is MISSING:
                raise SettingsError(f"{name}: missing")
        elif not isinstance(values[name], KINDS[str(item.type)]) or isinstance(values[name], bool):
            raise SettingsError(f"{name}: expected type {item.type}")
    settings = Settings(**values)
    _validate(settings)
    return settings


def _validate(settings: Settings) -> None:
    for name in ("cluster", "shard", "replica"):
        problem = name_problem(getattr(settings, name))
        if problem:
            raise SettingsError(f"{name}: {problem}")
    if settings.root == ROOT and settings.cluster in RESERVED:
        raise SettingsError(f"cluster: found {settings.cluster}, which is reserved below {ROOT}")
    for name in ("interval", "timeout", "session_timeout", "rise", "fall"):
        if getattr(settings, name) <= 0:
            raise SettingsError(f"{name}: found {getattr(settings, name)}, expected more than 0")
    if not 1 <= settings.weight <= 256:
        raise SettingsError(f"weight: found {settings.weight}, expected 1 to 256")
    for name in PORTS:
        port = settings.ports.get(name)
        if not isinstance(port, int) or not 0 < port < 65536:
            raise SettingsError(f"ports: {name}: found {port!r}, expected a port")
    for name in ("zookeeper", "addresses"):
        values = getattr(settings, name)
        if not values or not all(isinstance(value, str) and value for value in values):
            raise SettingsError(f"{name}: expected a list of names or addresses")
