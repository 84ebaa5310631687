# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A client port that changes on one member after the other: where members listen, and what replicas know. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..findings import Finding, validation_error

PROCEDURE = (
    "To change it without an interruption, set zookeeper_previous_client_port={port} as well, and follow the steps for "
    "a new client port in docs/operating.md."
)
Result = Mapping[str, Any]


def validate_client_port(member: Mapping[str, Any], result: Result) -> Iterator[Finding]:
    """The running member listens on its port, or on the previous one."""
    deployed = result["deployed"]
    if not deployed["running"]:
        return
    wanted, present = member["client_port"], deployed["client_port"]
    if result.get("restart_pending") and not deployed["listens"]:
        # Its zoo.cfg is newer than its process: nobody knows where it listens.
        found = f"{present} in a zoo.cfg that the running member has not read, and nothing listens on it"
        hint = "Set it to the port on which the members still listen, or stop this member."
        yield validation_error("zookeeper_previous_client_port", member["host"], found, "where it listens", hint)
    elif present and present not in member["client_ports"]:
        found = f"{wanted}, but the running member listens on {present}"
        hint = PROCEDURE.format(port=present)
        yield validation_error("zookeeper_client_port", member["host"], found, str(present), hint)


def moving_members(
    members: Sequence[Mapping[str, Any]], results: Mapping[str, Result | None]
) -> list[Mapping[str, Any]]:
    """The members that run and listen on their previous client port.

    members: ensemble.members of the topology model. results: what zookeeper_member_info returned, by host.
    """
    moving = []
    for member in members:
        deployed = (results.get(member["host"]) or {}).get("deployed") or {}
        if deployed.get("running") and deployed["client_port"] in member["client_ports"][1:]:
            moving.append(member)
    return moving


def validate_clients(members: Sequence[Mapping[str, Any]], clients: Mapping[str, Result]) -> list[Finding]:
    """Validation errors for replicas that would not find a member on its new client port.

    members: that move. clients: what clickhouse_server_info returned, by host of a replica.
    """
    errors = []
    for host, result in clients.items():
        server = result.get("deployed") or {}
        if not (server.get("own") and server["running"]):
            continue
        known = server["zookeeper_endpoints"]
        missing = [member["endpoint"] for member in members if member["endpoint"] not in known]
        hint = "Run playbooks/clickhouse.yml first: it tells the replicas both ports."
        if missing:
            found = f"a replica that looks for members on {', '.join(known) or 'no port'}"
            errors.append(validation_error("zookeeper_client_port", host, found, f"{', '.join(missing)} as well", hint))
        elif result.get("restart_pending"):
            found, expected = "a replica that has not read its new configuration", "a replica that knows both ports"
            errors.append(validation_error("zookeeper_client_port", host, found, expected, hint))
    return errors
