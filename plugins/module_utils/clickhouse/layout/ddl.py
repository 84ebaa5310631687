# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of the queue of ON CLUSTER statements. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ...findings import CRITICAL, WARNING, Finding
from ..features import has
from .parse import host_of
from .world import World, some
from .znodes import DdlEntry

# Seconds.
DAY = 24 * 3600
# ZooKeeper numbers the entries.
OWN_QUEUE = (
    "Give each cluster a chroot (clickhouse_zookeeper_root), or a clickhouse_ddl_path, of its own, and run "
    "playbooks/site.yml."
)
ENTRY = re.compile(r"query-\d{10}")


def check_queue(world: World) -> Iterator[Finding]:
    """The queue is neither too long nor too old, and its entries can be parsed."""
    entries = _entries(world)
    path = world.paths.ddl
    check = world.beyond("ddl_length", len(entries))
    if check:
        yield check.finding(path, len(entries))
    ages = {name: (world.now - entry.since) / DAY for name, entry in entries}
    old = [name for name, age in ages.items() if world.beyond("ddl_age", age)]
    if old:
        found, command = f"{len(old)} older entries: {some(old)}", world.delete(f"{path}/{old[0]}")
        yield world.limits["ddl_age"].finding(path, ages[old[0]], found=found, command=command)
    for name, entry in entries:
        if ENTRY.fullmatch(name) and not entry.hosts and not world.fresh(entry.since):
            hint = f"No server can run it, and later ones may wait for it. Remove it: {world.delete(f'{path}/{name}')}"
            yield Finding("ddl_entry", WARNING, f"{path}/{name}", "no hosts that can be read", "a statement", hint)


def check_order(world: World) -> Iterator[Finding]:
    """The entries are numbered in the order of their creation.

    A server looks for entries behind the last one that it has seen, and 18.16 looks at all names.
    """
    entries = _entries(world)
    for n, (name, entry) in enumerate(entries):
        hidden = [other for other, later in entries[:n] if later.created > entry.created and ENTRY.fullmatch(other)]
        if ENTRY.fullmatch(name) and not hidden:
            continue
        found = f"it hides {len(hidden)} later statements: {some(hidden)}" if hidden else "a foreign name"
        path = f"{world.paths.ddl}/{name}"
        hint = (
            "ClickHouse 18.16 runs no statement whose name comes before one that it has seen. Remove it: "
            f"{world.delete(path)}. Then restart all servers of 18.16, one after the other."
        )
        yield Finding("ddl_order", CRITICAL if hidden else WARNING, path, found, "query- and the next number", hint)


def check_hosts(world: World) -> Iterator[Finding]:
    """No entry waits for a host that the inventory does not have, and no other cluster uses the queue."""
    waiting: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    for name, entry in _entries(world):
        unknown = [host for host in entry.hosts if host_of(host) not in world.owners]
        if unknown and len(unknown) == len(entry.hosts):
            others.setdefault(host_of(entry.initiator or unknown[0]), []).append(name)
            continue
        for host in unknown:
            if host not in entry.finished:
                waiting.setdefault(host_of(host), []).append(name)
    tree = world.tree
    for host, names in others.items():
        hint = "Another cluster uses this queue. " + OWN_QUEUE
        found = f"{len(names)} statements for hosts outside the inventory only: {some(names)}"
        yield Finding("ddl_cluster", CRITICAL, host, found, "statements of this cluster", hint)
    for host_id, active in (tree.ddl_active if tree else {}).items():
        if active and host_of(host_id) not in world.owners and host_of(host_id) not in others:
            hint = "Two clusters share this queue, or the inventory lacks this host. " + OWN_QUEUE
            subject = f"{world.paths.ddl_replicas}/{host_id}"
            yield Finding("ddl_cluster", CRITICAL, subject, "active", "a host of the inventory", hint)
    for host, names in waiting.items():
        hint = (
            "Every such statement waits for its whole timeout. Run playbooks/site.yml, which removes the host from "
            f"remote_servers, then remove the entries: {world.delete(f'{world.paths.ddl}/{names[0]}')}"
        )
        found = f"{len(names)} statements wait for it: {some(names)}"
        yield Finding("ddl_host", WARNING, host, found, "hosts of the inventory only", hint)


def check_progress(world: World) -> Iterator[Finding]:
    """On each host that answers, no entry blocks the later ones. A host runs its entries in their order."""
    pending: dict[str, list[tuple[str, DdlEntry]]] = {}
    for name, entry in _entries(world):
        for host in set(entry.hosts) - entry.finished:
            pending.setdefault(host, []).append((name, entry))
    for host, entries in sorted(pending.items()):
        owner = world.owners.get(host_of(host))
        status = world.servers.get(owner.name) if owner else None
        name, entry = entries[0]
        age = world.now - entry.since
        check = world.beyond("ddl_stuck", age)
        if not check or not owner or status is None or status.error:
            continue
        subject = f"{owner.name} {world.paths.ddl}/{name}"
        state = "running" if host in entry.active else "not running"
        found = f"unfinished for {age:.0f} s, {state}, {len(entries) - 1} later ones behind it: {entry.query}"
        finding = check.finding(subject, age, found=found, command=world.delete(f"{world.paths.ddl}/{name}"))
        # A statement that nothing waits for may only take long.
        yield finding if len(entries) > 1 else replace(finding, severity=WARNING)


def check_liveness(world: World) -> Iterator[Finding]:
    """Every modern server that answers has registered for the queue."""
    if world.tree is None or not world.tree.ddl_active:
        return
    active = {host_of(host) for host, alive in world.tree.ddl_active.items() if alive}
    for replica in world.replicas:
        status = world.servers.get(replica.name)
        if status is None or not status.version or not has(status.version, "ddl_liveness"):
            continue
        if not any(world.owners[host].name == replica.name for host in active if host in world.owners):
            hint = (
                "It runs no ON CLUSTER statements. If ZooKeeper is healthy: systemctl restart clickhouse-server on it."
            )
            subject = f"{world.paths.ddl_replicas} {replica.name}"
            yield Finding("ddl_liveness", CRITICAL, subject, "not active", "active", hint)


def _entries(world: World) -> list[tuple[str, DdlEntry]]:
    return sorted(world.tree.ddl.items()) if world.tree else []
