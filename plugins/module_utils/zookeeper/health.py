# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Everything that zookeeper_health finds out about an ensemble, in its order."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..diagnosis import Run
from ..findings import Finding
from ..health_check import wait_until_healthy
from ..limits import Limits
from . import checks, local
from .canary import check_canary
from .closed_words import ask_for_sessions, check_external, check_quorum_of
from .limits import DEFAULTS
from .membership import parse_servers
from .status import PROBE, WORDS, MemberStatus, read_ensemble
from .transport import Transport
from .trees import check_trees
from .window import check_window

STATES = ["healthy", "quorum", "serving", "safe_to_stop"]
# Seconds for the sessions of the canary, and again for its requests.
CANARY_WAIT = 5.0


class EnsembleHealth:
    """The checks of one module call. statuses: the last answers of all members.

    params: options of the module zookeeper_health. hosts: endpoints of the members.
    """

    def __init__(
        self, params: Mapping[str, Any], hosts: list[tuple[str, int]], limits: Limits, transport: Transport
    ) -> None:
        self.params, self.hosts, self.limits, self.transport = params, hosts, limits, transport
        self.whole = params["state"] == "healthy"
        self.statuses: list[MemberStatus] = []

    def check(self) -> list[Finding]:
        """Waits until nothing critical is found; then the checks that are done once."""
        findings = wait_until_healthy(self._check_once, self.params["timeout"])
        if self.whole and self.params["canary"]:
            findings += self._canary()
        if self.whole and self.params["window"] > 0:
            findings += self._window()
        return findings

    def check_local(self, run: Run) -> list[Finding]:
        """What only the host of a member knows; nothing without config_dir. run: runs a command on it."""
        member, config_dir = self.params["member"], self.params["config_dir"]
        if not config_dir or not self.whole:
            return []
        status = next((status for status in self.statuses if status.host == member), None)
        servers = parse_servers("\n".join(self.params["servers"] or []))
        own_id = next((server.id for server in servers.values() if server.host == member), None)
        findings = local.check_local(member, local.read_local(config_dir), status, self.limits, own_id)
        if not (status and status.serving) and "unit" in self.limits:
            findings.append(local.explain_down(run, member, config_dir))
        return findings

    def _read(self, hosts: list[tuple[str, int]], words: tuple[str, ...]) -> list[MemberStatus]:
        return read_ensemble(hosts, self.params["connect_timeout"], words, self.transport)

    def _check_once(self) -> list[Finding]:
        self.statuses = self._read(self.hosts, (*WORDS, PROBE) if self.whole else WORDS)
        params = self.params
        if params["external"] and params["state"] in ("healthy", "quorum"):
            return self._check_external()
        findings = findings_for(params["state"], params["member"], self.statuses, params["servers"], self.limits)
        if self.whole and "tree_skew" in self.limits:
            findings += check_trees(self.statuses, self._ask_again)
        return findings

    def _check_external(self) -> list[Finding]:
        sessions = ask_for_sessions(self.statuses, self.params["connect_timeout"], self.transport)
        if not self.whole:
            return [check_quorum_of(self.statuses, sessions)]
        return check_external(self.statuses, sessions, self.limits)

    def _ask_again(self, members: list[MemberStatus]) -> Sequence[MemberStatus]:
        return self._read([(status.host, status.port) for status in members], ("srvr",))

    def _canary(self) -> list[Finding]:
        """It goes through the members that serve: about the others there are findings already."""
        serving = [(status.host, status.port) for status in self.statuses if status.serving]
        # The member of this host comes first.
        serving.sort(key=lambda endpoint: endpoint[0] != self.params["member"])
        return check_canary(serving, CANARY_WAIT, self.limits) if len(serving) > len(self.statuses) // 2 else []

    def _window(self) -> list[Finding]:
        before, seconds = self.statuses, self.params["window"]
        # The window is what is measured: counters at its start and at its end.
        time.sleep(seconds)
        self.statuses = self._read(self.hosts, WORDS)
        return check_window(before, self.statuses, seconds, self.limits)


def findings_for(
    state: str,
    member: str,
    statuses: list[MemberStatus],
    servers: list[str] | None = None,
    limits: Limits = DEFAULTS,
) -> list[Finding]:
    """The findings that decide whether the ensemble, or the member, is in this state."""
    if state == "quorum":
        return [checks.check_quorum(statuses)]
    if state == "serving":
        return checks.check_member(statuses, member)
    if state == "safe_to_stop":
        return checks.check_safe_to_stop(statuses, member)
    return checks.check_ensemble(statuses, parse_servers("\n".join(servers)) if servers else None, limits)
