# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Variables of the role discovery as the settings of its agent. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..discovery.settings import Settings, SettingsError, parse_settings
from ..findings import Finding, validation_error
from ..role_options import convert

# Settings that discovery_agent may contain, with their types.
TUNED = {
    item.name: item.type
    for item in fields(Settings)
    if item.name
    in ("session_timeout", "interval", "timeout", "rise", "fall", "max_delay", "ignored_tables", "hold", "settle")
}


def agent_settings(
    model: Mapping[str, Any], host: str, variables: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Finding]]:
    """The settings of the agent on a host of the topology, and the validation errors of the role's variables.

    variables: login_user, login_password, weight, check_address, check_port and agent, as the role has them.
    """
    replica = next(item for item in model["cluster"]["replicas"] if item["host"] == host)
    errors = [*_port_errors(model, replica, variables["check_port"])]
    tuned: dict[str, Any] = {}
    for name, value in variables["agent"].items():
        try:
            if name not in TUNED:
                raise ValueError(f"found an unknown key, expected one of {', '.join(TUNED)}")
            tuned[name] = convert(value, {"type": TUNED[name]})
        except ValueError as error:
            errors.append(validation_error(f"discovery_agent.{name}", host, error))
    names = [replica["name"], *([replica["ip"]] if replica["ip"] not in (None, replica["name"]) else [])]
    settings = {
        "cluster": model["cluster"]["name"],
        "shard": replica["shard"],
        "replica": replica["replica"],
        "host": host,
        "addresses": names,
        "ports": {
            **{name: replica[f"{name}_port"] for name in ("http", "tcp", "interserver")},
            "check": variables["check_port"],
        },
        "zookeeper": list(model["ensemble"]["client_endpoints"]),
        **{name: variables[name] for name in ("login_user", "login_password", "weight", "check_address")},
        **tuned,
    }
    if not errors:
        try:
            parse_settings(json.dumps(settings))
        except SettingsError as error:
            errors.append(_error(host, str(error)))
    return settings, errors


def _error(host: str, text: str) -> Finding:
    """The validation error for what the agent would say about its settings."""
    name, _colon, found = text.partition(": ")
    known = {"cluster": "topology_cluster", "weight": "discovery_weight", "shard": "clickhouse_shard"}
    variable = f"discovery_agent.{name}" if name in TUNED else known.get(name, f"discovery: {name}")
    return validation_error(variable, host, found)


def _port_errors(model: Mapping[str, Any], replica: Mapping[str, Any], port: int) -> list[Finding]:
    host = replica["host"]
    if not 0 < port < 65536:
        return [validation_error("discovery_check_port", host, port, "a port")]
    taken = {replica[f"{name}_port"]: f"the {name} port of ClickHouse" for name in ("http", "tcp", "interserver")}
    for member in model["ensemble"]["members"]:
        if member["host"] == host:
            taken.update(dict.fromkeys(member["ports"], "a port of ZooKeeper"))
    if port not in taken:
        return []
    return [validation_error("discovery_check_port", host, f"{port}, which is {taken[port]}", "a port of its own")]
