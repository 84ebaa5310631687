# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of what ZooKeeper has against who should have it: orphans, other clusters, lost znodes. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings import CRITICAL, WARNING, Finding
from .world import FOREIGN, MISSING, ORPHAN, UNLISTED, World, literal, some

# An orphan: kind (table, replica, database_replica), path, replica, hosts, and the command that removes it.
Orphan = dict[str, object]

OTHER_CLUSTER = (
    "Two clusters share this path, or the inventory lacks this host. Give each cluster a chroot of its own "
    "(clickhouse_zookeeper_root), or add the host to the inventory and run playbooks/site.yml. If it was "
    "removed from the inventory: DROP TABLE on this host."
)


def find_orphans(world: World) -> Iterator[Orphan]:
    """What may be removed, as data. Nothing that is active, new, or of a server that could not be read."""
    if world.tree is None:
        return
    for path, table in world.tree.tables.items():
        if world.is_orphan_table(path):
            hosts = sorted({znodes.host for znodes in table.replicas.values()} - {""})
            yield {"kind": "table", "path": path, "replica": "", "hosts": hosts, "command": world.drop_table(path)}
            continue
        for name, znodes in table.replicas.items():
            if world.kind(path, name, znodes) == ORPHAN:
                hosts = [znodes.host] if znodes.host else []
                command = world.drop_replica(path, name)
                yield {"kind": "replica", "path": path, "replica": name, "hosts": hosts, "command": command}
    for path, replicas in world.tree.databases.items():
        for name, (active, host) in replicas.items():
            if not active and host and host not in world.owners:
                shard, _bar, replica = name.rpartition("|")
                command = f"SYSTEM DROP DATABASE REPLICA {literal(replica)}"
                command += f" FROM SHARD {literal(shard)}" if shard else ""
                command += f" FROM ZKPATH {literal(path)}"
                yield {"kind": "database_replica", "path": path, "replica": name, "hosts": [host], "command": command}


def orphan_finding(world: World, orphan: Orphan) -> Finding:
    hosts = some([str(host) for host in orphan["hosts"]]) or "an unknown host"  # type: ignore[attr-defined]
    where = f"on {world.healthy_server()}: " if str(orphan["command"]).startswith("SYSTEM") else ""
    if orphan["kind"] == "table":
        hint = f"If it is not detached on one of these hosts, remove it from ZooKeeper; {where}{orphan['command']}"
        found = f"a table of {hosts} that no server has"
        return Finding("orphan_table", CRITICAL, str(orphan["path"]), found, "a table of a server", hint)
    subject = f"{orphan['path']}/replicas/{orphan['replica']}"
    hint = (
        "Until it is removed, the log of its table is kept for it. Confirm that is_active is still missing, then "
        f"{where}{orphan['command']}"
    )
    found = f"a replica on {hosts}, which is not in the inventory, not active"
    return Finding("orphan_replica", CRITICAL, subject, found, "a replica of the inventory", hint)


def check_owners(world: World) -> Iterator[Finding]:
    """Each replica in ZooKeeper belongs to the server that has its table."""
    for path in world.tables():
        for name, znodes in world.tree.tables[path].replicas.items():  # type: ignore[union-attr]
            kind, subject = world.kind(path, name, znodes), f"{path}/replicas/{name}"
            if kind == FOREIGN:
                found = f"an active replica on {znodes.host or 'an unknown host'}"
                yield Finding("foreign_replica", CRITICAL, subject, found, "a host of the inventory", OTHER_CLUSTER)
            elif kind in (MISSING, UNLISTED):
                owner = world.possible(path, name, znodes)[0].name
                found = f"{'an active' if znodes.active else 'a'} replica, but {owner} does not have the table"
                hint = (
                    f"If it is detached on {owner}: ATTACH TABLE. If {owner} lost it: ATTACH TABLE with its full "
                    f"definition. If it was dropped: {world.drop_replica(path, name)}"
                )
                severity = WARNING if znodes.active else CRITICAL
                yield Finding("table_on_server", severity, subject, found, f"the table on {owner}", hint)
    for path, replicas in (world.tree.databases if world.tree else {}).items():
        for name, (active, host) in replicas.items():
            if active and host and host not in world.owners:
                subject = f"{path}/replicas/{name}"
                found = f"an active replica on {host}"
                yield Finding("foreign_replica", CRITICAL, subject, found, "a host of the inventory", OTHER_CLUSTER)


def check_claimed(world: World) -> Iterator[Finding]:
    """Each table of a server has its znodes, and these name the host of this server."""
    by_name = {replica.name: replica for replica in world.replicas}
    for path, replicas in world.claims.items():
        table = world.tree.tables.get(path) if world.tree else None
        for name, claims in replicas.items():
            server, claim = claims[0]
            znodes = table.replicas.get(name) if table else None
            subject = f"{server} {claim.name}"
            if znodes is None:
                found = f"no {path}/replicas/{name}" if table else f"no {path}"
                hint = (
                    "Its znodes are gone: it is or gets read-only, and 18.16 does not start again. Recover it before "
                    f"a restart: {world.restore(claim.name, world.servers[server].version)}"
                )
                yield Finding("replica_znodes", CRITICAL, subject, found, "the znodes of this replica", hint)
                continue
            owner = world.owners.get(znodes.host)
            if len(claims) == 1 and (owner is None or owner.name != server):
                expected = f"the host of {server}" + (
                    f" ({some(sorted(by_name[server].names))})" if server in by_name else ""
                )
                hint = (
                    "Another host registered under this name of a replica, or its interserver_http_host is not in the "
                    "inventory. Compare the macros of both, and on the wrong one: systemctl stop clickhouse-server. "
                    "Then run playbooks/site.yml."
                )
                subject = f"{path}/replicas/{name}/host"
                yield Finding("replica_host", CRITICAL, subject, znodes.host or "nothing", expected, hint)
