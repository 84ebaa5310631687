# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The states of servers that HAProxy finds when it starts. Pure.

They keep queries away from replicas that take none, until the agents have answered. HAProxy prefers a port there to
that of haproxy.cfg, so the ports are always those of the file as it is now.
"""

from __future__ import annotations

from collections.abc import Mapping

from .runtime import state_rows

Ports = Mapping[tuple[str, str], str]
TIME, PORT = "srv_time_since_last_change", "srv_port"


def configured_ports(haproxy_cfg: str) -> dict[tuple[str, str], str]:
    """Ports by back end and server."""
    found, backend = {}, ""
    for line in haproxy_cfg.splitlines():
        words = line.split() or [""]
        if line[:1].strip():
            # The servers of other sections are none behind a port.
            backend = words[1] if words[0] == "backend" else ""
        elif backend and words[0] == "server":
            found[(backend, words[1])] = words[2].rpartition(":")[2]
    return found


def kept_states(state: str, ports: Ports) -> str:
    """The part of `show servers state` that HAProxy can use when it starts with these servers.

    The time since the last change is left out, so that the text changes only with a state or a port.
    """
    lines = [line for line in state.splitlines() if line == "1" or line.startswith("#")]
    for row in state_rows(state):
        key = (row["be_name"], row["srv_name"])
        if key in ports:
            lines.append(" ".join({**row, TIME: "0", PORT: ports[key]}.values()))
    return "\n".join(lines) + "\n"


def contradicts(states: str, ports: Ports) -> bool:
    """Whether states have another port than haproxy.cfg."""
    return any(row[PORT] != ports.get((row["be_name"], row["srv_name"]), row[PORT]) for row in state_rows(states))
