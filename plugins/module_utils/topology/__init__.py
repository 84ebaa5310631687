# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""From the inventory to who is in which ensemble, shard and replica. Pure: `parse`, `validate`, `render`."""

from __future__ import annotations

from typing import Any

from .external import nodes_of, parse_nodes, render_external, validate_external
from .parse import HostVars, parse_member, parse_replica
from .render import render_cluster, render_ensemble, render_names
from .validate import validate_topology


def build_topology(
    hostvars: HostVars,
    zookeeper: list[str],
    clickhouse: list[str],
    cluster: str = "main",
    shards: list[str] | None = None,
    allow_unsafe_size: bool = False,
) -> dict[str, Any]:
    """The topology model.

    hostvars: inventory variables by host. zookeeper, clickhouse: hosts of the two groups, in inventory order.
    cluster: name of the ClickHouse cluster. shards: shards that must exist, in this order; None or empty means those
    that the hosts name.
    allow_unsafe_size: accept an ensemble of one member or of an even number of members.

    With clickhouse_zookeeper_nodes of the replicas, somebody else runs the ensemble, and it has no members here.

    Returns `ensemble`, `cluster`, `names` and `validation_errors`; the first three are complete only when there are no
    validation errors.
    """
    shard_names = [str(shard) for shard in shards or []]
    members, replicas, errors = [], [], []
    for host in zookeeper:
        member, found = parse_member(host, hostvars.get(host, {}))
        members.append(member)
        errors += found
    for host in clickhouse:
        replica, found = parse_replica(host, hostvars.get(host, {}))
        replicas.append(replica)
        errors += found
    subject = ", ".join(clickhouse)
    addresses, found = parse_nodes(nodes_of(hostvars, clickhouse), subject)
    errors += [*found, *validate_external(addresses, members, subject)]
    errors += validate_topology(members, replicas, cluster, shard_names, allow_unsafe_size, bool(addresses or found))
    return {
        "ensemble": render_external(addresses) if addresses and not members else render_ensemble(members),
        "cluster": render_cluster(cluster, replicas, shard_names),
        "names": render_names([*members, *replicas]),
        "validation_errors": [error.as_dict() for error in errors],
    }
