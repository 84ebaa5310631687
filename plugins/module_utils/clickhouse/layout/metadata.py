# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of other metadata in ZooKeeper: cluster discovery, functions, named collections, access entities. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...findings import CRITICAL, WARNING, Finding
from ..features import has
from .parse import name_of_file
from .world import World, some


def check_discovery(world: World) -> Iterator[Finding]:
    """Every server that answers is registered once, with one number for its shard, and nobody else is."""
    path = world.paths.discovery
    if world.tree is None or not path:
        return
    numbers: dict[str, set[int | None]] = {}
    seen: dict[str, int] = {}
    for host, number, ephemeral in world.tree.nodes:
        owner = world.owners.get(host)
        if owner is None:
            hint = "Remove its section discovery and restart it, or add it to the inventory and run playbooks/site.yml."
            found = f"{host or 'an entry that cannot be read'}"
            yield Finding("discovery", CRITICAL, path, found, "hosts of the inventory", hint)
            continue
        seen[owner.name] = seen.get(owner.name, 0) + 1
        numbers.setdefault(owner.shard, set()).add(number)
        if not ephemeral:
            hint = "Nothing removes it when the server stops. Delete it, then: systemctl restart clickhouse-server."
            yield Finding("discovery", WARNING, owner.name, "a persistent entry", "an ephemeral one", hint)
    for replica in world.replicas:
        status, count = world.servers.get(replica.name), seen.get(replica.name, 0)
        modern = status is not None and status.version and has(status.version, "cluster_discovery")
        if modern and count != 1:
            hint = "A server does not register again after its session expired: systemctl restart clickhouse-server."
            yield Finding("discovery", CRITICAL, replica.name, f"{count} entries in {path}", "1", hint)
    for shard, values in numbers.items():
        if len(values) > 1 or any(values & others for name, others in numbers.items() if name < shard):
            hint = (
                "Correct <shard> in the section discovery of its servers, and on each: systemctl restart "
                "clickhouse-server."
            )
            found = f"the numbers {', '.join(sorted(map(str, values)))}"
            yield Finding("discovery", CRITICAL, f"shard {shard}", found, "one number of its own", hint)


def check_objects(world: World) -> Iterator[Finding]:
    """Functions, named collections and access entities are the same in ZooKeeper and on each server."""
    tree, paths = world.tree, world.paths
    if tree is None:
        return
    stored: dict[str, tuple[str, Callable[[str], str]]] = {
        "functions": (paths.functions, lambda name: name_of_file(name, "function_")),
        "collections": (paths.collections, name_of_file),
        "access": (f"{paths.access}/uuid" if paths.access else "", str),
    }
    for part, (path, convert) in stored.items():
        if not path:
            continue
        names = {convert(name) for name in tree.names.get(path, ())} - {""}
        for server, status in world.servers.items():
            found = getattr(status, part)
            if found is None:
                continue
            texts = [
                f"{label} {some(sorted(items))}"
                for label, items in (("without", names - found), ("with", found - names))
                if items
            ]
            if texts:
                hint = (
                    "A server reads changes within seconds. If it stays: systemctl restart clickhouse-server where it "
                    "is missing; create what ZooKeeper lacks again."
                )
                yield Finding(part, WARNING, server, " and ".join(texts), f"what {path} has", hint)
