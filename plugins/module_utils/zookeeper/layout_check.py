# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads a subtree and checks it against a layout."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from ..findings import CRITICAL, OK, SEVERITIES, WARNING, Finding
from .layout import Layout
from .sessions import SessionsError, find_outlived, open_session, read_sessions
from .transport import Transport
from .walk import WalkError, walk, walkers
from .znode import ZnodeError


class LayoutCheck:
    """A call reads the subtree and returns its findings; the object keeps the totals of the last call.

    params: options of the module zookeeper_layout. transport: how the leader is asked for the sessions.
    """

    def __init__(
        self, params: Mapping[str, Any], hosts: list[tuple[str, int]], layout: Layout, transport: Transport
    ) -> None:
        self.params, self.hosts, self.layout, self.transport = params, hosts, layout, transport
        self.znodes = self.violations = 0

    def __call__(self) -> list[Finding]:
        self.znodes = self.violations = 0
        self.kept: list[Finding] = []
        self.worst = OK
        unknown: list[Finding] = []
        owners: dict[str, int] = {}
        timeout = self.params["connect_timeout"]
        try:
            with walkers(self.hosts, self.params["followers_only"], timeout) as clients:
                for znode in walk(clients, self.layout.root, self.layout.enter, self.layout.with_acl):
                    self.znodes += 1
                    self._keep(self.layout.check(znode, time.time()))
                    if self.layout.needs_session(znode):
                        owners[znode.path] = znode.stat.ephemeralOwner
                if owners:
                    unknown = self._check_sessions(clients, owners)
        except (WalkError, ZnodeError) as error:
            hint = "Check the ensemble with playbooks/health.yml."
            return [Finding("session", CRITICAL, self.layout.root, str(error), "a subtree that can be read", hint)]
        if not self.znodes:
            self._keep(self.layout.check_root())
        return [*self.kept, *unknown, self._total()]

    def _check_sessions(self, clients: list, owners: Mapping[str, int]) -> list[Finding]:
        """Keeps the violations; returns a warning when nobody can say which sessions are alive."""
        try:
            outlived = find_outlived(
                clients,
                owners,
                lambda: read_sessions(self.hosts, self.params["connect_timeout"], self.transport),
                lambda: open_session(self.hosts),
            )
        except SessionsError as error:
            expected = "the sessions of the ensemble"
            return [Finding("session_alive", WARNING, self.layout.root, str(error), expected, error.hint)]
        self._keep(self.layout.check_session(path, owner) for path, owner in sorted(outlived.items()))
        return []

    def _total(self) -> Finding:
        found = f"{self.znodes} znodes, {self.violations} violations"
        if self.violations == len(self.kept):
            return Finding("layout", OK, self.layout.root, found, "no violations")
        # A violation that is not returned counts all the same.
        found += f", {len(self.kept)} of them shown"
        return Finding("layout", self.worst, self.layout.root, found, "no violations")

    def _keep(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.violations += 1
            self.worst = max(self.worst, finding.severity, key=SEVERITIES.index)
            if len(self.kept) < self.params["max_findings"]:
                self.kept.append(finding)
