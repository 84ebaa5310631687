# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of the registry, in which the agents of the role discovery register the replicas. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ...discovery.entry import Entry
from ...discovery.states import UP
from ...findings import CRITICAL, WARNING, Finding
from ...registry.read import sort_out
from .world import Replica, World, some

STATES = {
    "draining": "An operator asked for it: `zoohouse-agent undrain` on the host ends it.",
    "lagging": "It takes no new queries until it has caught up; the reason: SELECT * FROM system.replication_queue.",
    "readonly": "It takes no new queries. It recovers with its session; if not: systemctl restart clickhouse-server.",
}


def check_registry(world: World) -> Iterator[Finding]:
    """Every server that answers is registered by its own agent, with its addresses, and nobody else is."""
    path = world.paths.registry
    if world.tree is None or not path:
        return
    entries, foreign = sort_out(world.tree.registry, path)
    for place, reason in foreign.items():
        hint = f"It is ignored. Find out who writes it, and remove it: {world.delete(place, chroot=False)}"
        yield Finding("registry", WARNING, place, f"a foreign znode: {reason}", "only entries of agents", hint)
    wanted = {f"{path}/{replica.shard}/{replica.replica}": replica for replica in world.replicas}
    for place, entry in entries.items():
        if place in wanted:
            yield from _check_entry(world, wanted[place], entry)
        else:
            hint = (
                "Balancers send queries to it. Add it to the inventory and run playbooks/site.yml, or stop its agent "
                "on its host: systemctl stop zoohouse-agent"
            )
            found = f"an entry of {entry.host}, which is not this replica in the inventory"
            yield Finding("registry", CRITICAL, place, found, "replicas of the inventory", hint)
    for place, replica in wanted.items():
        status = world.servers.get(replica.name)
        if place not in entries and status is not None and status.version:
            hint = "`zoohouse-agent status` on its host says why. Start the agent: systemctl start zoohouse-agent."
            yield Finding("registry", CRITICAL, replica.name, "no entry, although it answers", "an entry", hint)


def _check_entry(world: World, replica: Replica, entry: Entry) -> Iterator[Finding]:
    if entry.host != replica.name:
        hint = (
            "Two agents have one name. Correct clickhouse_shard or clickhouse_replica of one, and run "
            "playbooks/site.yml."
        )
        found = f"the entry of the agent on {entry.host}"
        yield Finding("registry", CRITICAL, replica.name, found, "that of its own agent", hint)
        return
    hint = "Balancers and clients go elsewhere. Run playbooks/discovery.yml."
    wrong = [address for address in entry.addresses if world.owners.get(address) is not replica]
    if wrong:
        found = f"the addresses {some(wrong)}"
        yield Finding("registry", CRITICAL, replica.name, found, some(sorted(replica.names)), hint)
    clusters = [status.clusters for status in world.servers.values() if status.clusters is not None]
    hosts = {host for rows in clusters for cluster, _number, host, _local in rows if cluster == world.cluster}
    if hosts and not wrong and not hosts & set(entry.addresses):
        found = f"the addresses {some(entry.addresses)}"
        yield Finding("registry", CRITICAL, replica.name, found, "one that system.clusters has", hint)
    if entry.state != UP:
        found = f"{entry.state} ({entry.reason})" if entry.reason else entry.state
        yield Finding("registry", WARNING, replica.name, found, UP, STATES[entry.state])
