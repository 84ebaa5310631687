# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Variables that describe the whole: the hosts concerned agree on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..findings import Finding, validation_error
from .external import NODES
from .parse import CLICKHOUSE_PORTS, PREVIOUS_PORT, SECURE_PORTS, ZOOKEEPER_PORTS

# Variables of one host that other hosts read through the topology model.
MEMBER = ("zookeeper_id", "zookeeper_address", *ZOOKEEPER_PORTS, PREVIOUS_PORT)
REPLICA = ("clickhouse_shard", "clickhouse_replica", "clickhouse_address", *CLICKHOUSE_PORTS, *SECURE_PORTS)
# Variables of the model that describe the whole.
MODEL = ("topology_cluster", "topology_shards", "topology_allow_unsafe_size")
# The same, of the replicas alone.
CLUSTER_MODEL = (NODES,)
# Variables on which hosts must agree: all of them, the members, the replicas.
ALL = (*MODEL, "host_manage_names", "host_max_clock_skew")
ENSEMBLE = ("zookeeper_force_bootstrap", "zookeeper_adopt_existing", "zookeeper_jute_maxbuffer")
CLUSTER = (
    "clickhouse_zookeeper_root",
    "clickhouse_ddl_path",
    "clickhouse_metadata",
    "clickhouse_named_collections_key",
    "clickhouse_auxiliary_zookeepers",
    "clickhouse_shared_config",
    "clickhouse_shared_config_history",
    "clickhouse_shared_config_password",
    "clickhouse_adopt_existing",
    "clickhouse_allow_shard_changes",
    "clickhouse_admin_user",
    "clickhouse_admin_password",
    "clickhouse_cluster_user",
    "clickhouse_cluster_password",
    # All replicas run the same order of restarts.
    "clickhouse_restart_parallel_shards",
    "clickhouse_databases",
    "clickhouse_schema",
    # What replicas use among themselves.
    "clickhouse_cluster_secret",
    "clickhouse_shard_weights",
    "clickhouse_extra_clusters",
    "clickhouse_interserver_user",
    "clickhouse_interserver_password",
)
# A message names so many hosts at most.
NAMED_HOSTS = 8


@dataclass(frozen=True)
class Value:
    """What the inventory says about one variable of one host.

    value: None when nothing sets it. is_default: it is the default of the role. secret: messages do not show it.
    error: why there is no value.
    """

    value: Any = None
    is_default: bool = False
    secret: bool = False
    error: str = ""

    def __str__(self) -> str:
        if self.error or self.value is None:
            return "nothing"
        text = self.value if isinstance(self.value, str) else json.dumps(self.value)
        return f"{text or 'nothing'} (the default)" if self.is_default else text or "nothing"


Values = Mapping[str, Mapping[str, Value]]


def read_variables(members: Sequence[str], replicas: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The variables to read, by host."""
    hosts = dict.fromkeys([*members, *replicas])
    return {
        host: (
            "ansible_host",
            *ALL,
            *((*MEMBER, *ENSEMBLE) if host in members else ()),
            *((*REPLICA, *CLUSTER_MODEL, *CLUSTER) if host in replicas else ()),
        )
        for host in hosts
    }


def validate_values(values: Values) -> list[Finding]:
    """Validation errors for variables of the model that have no usable value."""
    hosts: dict[tuple[str, str], list[str]] = {}
    for host, variables in values.items():
        for name, value in variables.items():
            if value.error and name not in (*ENSEMBLE, *CLUSTER):
                hosts.setdefault((name, value.error), []).append(host)
    hint = "Other hosts read it too, so it must be known before any host is reached."
    return [
        validation_error(name, names_of(group), error, "a value in the inventory", hint)
        for (name, error), group in hosts.items()
    ]


def validate_agreement(values: Values, members: Sequence[str], replicas: Sequence[str]) -> list[Finding]:
    """Validation errors for variables on which the hosts concerned disagree."""
    everyone = list(dict.fromkeys([*members, *replicas]))
    return [
        *_disagreements(ALL, everyone, values, "for all hosts (group_vars/all)"),
        *_disagreements((*ENSEMBLE, PREVIOUS_PORT), members, values, "for all members"),
        *_disagreements((*CLUSTER_MODEL, *CLUSTER), replicas, values, "for all replicas"),
    ]


def _disagreements(names: Iterable[str], hosts: Sequence[str], values: Values, place: str) -> Iterator[Finding]:
    for name in names:
        groups: dict[str, list[str]] = {}
        for host in hosts:
            value = values[host][name]
            key = json.dumps([bool(value.error), value.value], sort_keys=True, default=str)
            groups.setdefault(key, []).append(host)
        # Where all hosts have the default, it differs only because another variable does.
        if len(groups) > 1 and not all(values[host][name].is_default for host in hosts):
            shown = [
                f"{_shown(values[group[0]][name], number)} on {names_of(group)}"
                for number, group in enumerate(groups.values())
            ]
            hint = f"Set it once, {place}."
            yield validation_error(name, names_of(hosts), " and ".join(shown), "the same value", hint)


def _shown(value: Value, number: int) -> str:
    if value.secret and value.value and not value.error:
        return "another value" if number else "one value"
    return str(value)


def validate_places(values: Values, effective: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """Validation errors for variables that a play or a role sets, where other hosts and playbooks do not see them.

    values: what the inventory says, by host. effective: what the tasks of this play see and the inventory does not say.
    """
    hosts: dict[tuple[str, str, str], list[str]] = {}
    for host, variables in effective.items():
        for name, value in variables.items():
            found = f"{Value(value)} in the variables of the play, a role or a task"
            hosts.setdefault((name, found, f"{values[host][name]} as for other plays"), []).append(host)
    hint = "Set it in the inventory (group_vars or host_vars) or with -e: other hosts and plays read it too."
    return [
        validation_error(name, names_of(group), found, expected, hint)
        for (name, found, expected), group in hosts.items()
    ]


def names_of(hosts: Sequence[str]) -> str:
    """Hosts as a message names them."""
    more = len(hosts) - NAMED_HOSTS
    return ", ".join(hosts[:NAMED_HOSTS]) + (f" and {more} more" if more > 0 else "")
