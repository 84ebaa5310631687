# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads the servers and the chroot, so that everything that is down or frozen costs one timeout in total."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ...registry.read import read_registry
from ...zookeeper.closed_words import is_silent
from ...zookeeper.status import read_ensemble
from ...zookeeper.walk import WalkError, walk, walkers
from ...zookeeper.znode import ZnodeError
from ..http import Server
from .servers import ServerStatus, read_servers
from .tree import Tree
from .znodes import Paths

Endpoint = tuple[str, int]


def read_worlds(
    servers: Sequence[tuple[Server, str]], parts: Sequence[str], members: list[Endpoint], paths: Paths, params: Any
) -> tuple[list[ServerStatus], Tree | None, str]:
    """The servers, and the tree or why there is none. params: options path, followers_only and connect_timeout."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        serving = pool.submit(serving_members, members, params["connect_timeout"])
        statuses = read_servers(servers, parts)
    try:
        known = {table.path for status in statuses for table in status.tables or ()}
        tree = Tree(params["path"], paths, known)
        with walkers(serving.result(), params["followers_only"], params["connect_timeout"]) as clients:
            for znode in walk(clients, tree.root or "/", tree.enter, read=tree.read):
                tree.add(znode)
            if paths.registry:
                tree.registry = read_registry(clients, paths.registry)
    except (WalkError, ZnodeError) as error:
        return statuses, None, str(error)
    return (statuses, tree, "") if tree.znodes else (statuses, None, "no such znode")


def serving_members(members: list[Endpoint], timeout: float) -> list[Endpoint]:
    """The members that serve, or that do not tell. Raises ZnodeError when there is none: a session would not come."""
    statuses = read_ensemble(members, timeout)
    serving = [status for status in statuses if status.serving]
    serving = serving or [status for status in statuses if is_silent(status)]
    if not serving:
        reasons = [f"{status.host}: {status.error or 'not serving'}" for status in statuses]
        raise ZnodeError(f"no member is serving: {', '.join(reasons)}")
    return [(status.host, status.port) for status in serving]
