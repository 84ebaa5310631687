# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""All checks of replicas, in the order of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..diagnosis import Run
from ..findings import Finding
from ..limits import Limits
from .catalog import read_catalog
from .checks import check_replica
from .figures import check_figures, read_all_figures
from .http import Server
from .loaded import check_loaded
from .local import check_local, explain_down, read_local, without_repeated
from .shared.included import check_included
from .status import ReplicaStatus, read_replicas
from .summary import summaries


class HealthCheck:
    """One check after the other, until the module has seen enough.

    params: of the module clickhouse_health. connections: each server with its name in findings. port: of the HTTP
    interface of the first one. figures: what the last check returns beside its findings.
    """

    def __init__(
        self, params: Mapping[str, Any], limits: Limits, connections: Sequence[tuple[Server, str]], port: int, run: Run
    ) -> None:
        self.params, self.limits, self.connections, self.port, self.run = params, limits, connections, port, run
        self.figures: dict[str, Any] = {}

    def check(self) -> list[Finding]:
        params, config_dir = self.params, self.params["config_dir"]
        statuses = read_replicas(self.connections, params["ddl_path"])
        peers = params["state"] == "healthy"
        findings = [
            finding
            for status in statuses
            for finding in check_replica(status, self.limits, peers, params["shard_replicas"])
        ]
        findings += self._check_loaded(statuses)
        local = read_local(config_dir) if config_dir else {}
        if params["details"]:
            findings += self._check_figures(statuses, local)
        if config_dir and statuses:
            findings = explain_down(self.run, findings, config_dir, self.port)
            findings = without_repeated([*findings, *check_local(statuses[0].host, local, self.limits)])
        return findings

    def _check_loaded(self, statuses: Sequence[ReplicaStatus]) -> list[Finding]:
        """What the servers that answer have read of their configuration."""
        params = self.params
        findings: list[Finding] = []
        for (server, name), status in zip(self.connections, statuses):
            if status.answers:
                findings += check_loaded(server, name or server.host, params["macros"], params["clusters"])
        if statuses and statuses[0].answers:
            findings += check_included(params["preprocessed_dir"], statuses[0].host, params["included"])
        return findings

    def _check_figures(self, statuses: Sequence[ReplicaStatus], local: Mapping[str, Any]) -> list[Finding]:
        answering = [
            (server, name, not status.waits_for_zookeeper, status.version)
            for (server, name), status in zip(self.connections, statuses)
            if status.answers
        ]
        read = read_all_figures(answering)
        self.figures["replicas"] = summaries(statuses, read, local)
        config_dir = self.params["config_dir"]
        if config_dir and statuses:
            self.figures["catalog"] = read_catalog(self.connections[0][0], config_dir, statuses[0].answers)
        return [finding for figure in read for finding in check_figures(figure, self.limits, self.params["cluster"])]
