# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""One comparison of the inventory, the servers and ZooKeeper: reads them, and reads again what looks wrong."""

from __future__ import annotations

import time
from itertools import chain
from typing import Any

from ...findings import CRITICAL, Finding, problems
from ...limits import chosen
from ..options import server_from
from .check import check_layout
from .limits import DEFAULTS
from .options import paths_from, replicas_from
from .orphans import Orphan
from .read import Endpoint, read_worlds
from .servers import OPTIONAL_PARTS, ServerStatus, dropped_tables, read_servers, without
from .tree import Tree
from .world import World

DOWN = "not asked: it does not answer queries"


class Comparison:
    """Reads the three worlds and compares them; keeps the orphans and the number of znodes of the last time."""

    def __init__(self, params: dict[str, Any], members: list[Endpoint]) -> None:
        self.params, self.members = params, members
        self.replicas, self.paths = replicas_from(params), paths_from(params)
        self.limits = chosen(DEFAULTS, params["limits"])
        self.servers = [
            (server_from(params, replica["host"], replica["port"]), replica["name"])
            for replica in params["replicas"]
            if not replica["down"]
        ]
        self.down = [ServerStatus(replica["name"], DOWN) for replica in params["replicas"] if replica["down"]]
        self.parts = [part for part in OPTIONAL_PARTS if params[f"{part}_path"]]
        self.orphans: list[Orphan] = []
        self.znodes = 0

    def __call__(self) -> list[Finding]:
        statuses, tree, error = read_worlds(self.servers, self.parts, self.members, self.paths, self.params)
        statuses += self.down
        self.znodes = tree.znodes if tree else 0
        findings = self._compare(statuses, tree, error)
        if tree and problems(findings, CRITICAL):
            # Perhaps a table was dropped during the walk.
            answering = [item for item, status in zip(self.servers, statuses) if not status.error]
            dropped = dropped_tables(statuses, read_servers(answering, ()))
            for table in chain.from_iterable(dropped.values()):
                tree.forget(table.path, table.replica)
            if any(dropped.values()):
                findings = self._compare(without(statuses, dropped), tree, error)
        return findings

    def _compare(self, statuses: list[ServerStatus], tree: Tree | None, error: str) -> list[Finding]:
        world = World(
            cluster=self.params["cluster"],
            root=self.params["path"],
            members=self.params["hosts"],
            paths=self.paths,
            replicas=self.replicas,
            servers={status.name: status for status in statuses},
            tree=tree,
            now=time.time(),
            limits=self.limits,
        )
        findings, self.orphans = check_layout(world, error, self.params["max_findings"])
        return findings
