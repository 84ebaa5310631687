# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The groups of the inventory that a playbook runs on: nothing checked is not healthy."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..findings import Finding, validation_error
from .external import NODES


@dataclass(frozen=True)
class Run:
    """What a playbook is run with.

    hosts: the hosts of the run, without those that `limit` excludes. groups: hosts by group of the inventory.
    sources: where the inventory was read from. limit: the pattern of --limit. tags, skip_tags: those of the run.
    external: hosts whose inventory says that somebody else runs the ensemble.
    """

    hosts: Sequence[str]
    groups: Mapping[str, Sequence[str]]
    sources: Sequence[str] = ()
    limit: str = ""
    tags: Sequence[str] = ("all",)
    skip_tags: Sequence[str] = ()
    external: Sequence[str] = ()


@dataclass(frozen=True)
class Service:
    """A service that a playbook deploys or checks.

    name: zookeeper or clickhouse, also the tag of its plays. group: name of its group, as the plays know it.
    inventory_groups: hosts by value of topology_<name>_group, for hosts whose inventory sets it.
    """

    name: str
    group: str
    inventory_groups: dict[str, list[str]] = field(default_factory=dict)

    @property
    def variable(self) -> str:
        return f"topology_{self.name}_group"


# The parts of a health check, each with the tags that select it. The first tag is its service.
PARTS = {
    "ensemble": ("zookeeper", "ensemble"),
    "replication": ("clickhouse", "replication"),
    "layout": ("clickhouse", "layout"),
    "drift": ("clickhouse", "drift"),
}


def selected(service: str, tags: Sequence[str], skip_tags: Sequence[str] = ()) -> bool:
    """Whether a run concerns a service: unless its tag is skipped or all tags are those of the other service."""
    return any(PARTS[part][0] == service for part in selected_parts(tags, skip_tags))


def selected_parts(tags: Sequence[str], skip_tags: Sequence[str] = ()) -> list[str]:
    """The parts that a run concerns: unless a tag of theirs is skipped or all tags are those of other parts."""
    every = {tag for own in PARTS.values() for tag in own}
    stems = {tag.partition("_")[0] for tag in tags}
    others_only = bool(stems) and stems <= every
    return [
        part
        for part, own in PARTS.items()
        if not set(own) & set(skip_tags) and not (others_only and not set(own) & stems)
    ]


def validate_groups(services: Sequence[Service], run: Run) -> list[Finding]:
    """Validation errors for groups without hosts, and for a run that concerns none of their hosts."""
    sources = ", ".join(run.sources) or "no source"
    if not any(run.groups.get(name) for name in run.groups):
        hint = "Name an inventory with hosts with -i."
        return [validation_error("inventory", sources, "no hosts", "an inventory with hosts", hint)]
    needed = [service for service in services if selected(service.name, run.tags, run.skip_tags)]
    if run.external and needed:
        # Its replicas ask such an ensemble, also where nothing but the ensemble is checked.
        needed = [service for service in services if service.name != "zookeeper"]
        if not needed:
            hint = f"Nothing of it is deployed from here. Remove {NODES} to deploy the members of the inventory."
            found, expected = "an ensemble that somebody else runs", "the members of the inventory"
            return [validation_error(NODES, ", ".join(run.external), found, expected, hint)]
    errors = [error for service in needed for error in _validate_group(service, services, run)]
    hosts = {host for service in needed for host in run.groups.get(service.group, ())}
    if needed and not errors and not hosts & set(run.hosts):
        names = " or ".join(service.group for service in needed)
        found = f"no host of the group {names}"
        errors.append(validation_error("--limit", run.limit or "all", found, "at least one host to work on"))
    return errors


def _validate_group(service: Service, services: Sequence[Service], run: Run) -> list[Finding]:
    for name, hosts in service.inventory_groups.items():
        if name != service.group:
            found = f"{name} in the inventory, but the plays run on {service.group}"
            hint = (
                f"Pass it with -e {service.variable}={name}: a play selects its hosts before it reads their variables."
            )
            return [validation_error(service.variable, ", ".join(hosts), found, "the same name for both", hint)]
    if run.groups.get(service.group):
        return []
    subject = ", ".join(run.sources) or "inventory"
    found, hint = f"the group {service.group} without hosts", ""
    if service.group not in run.groups:
        names = sorted(name for name in run.groups if name not in ("all", "ungrouped"))
        found = f"no group {service.group} among {', '.join(names) or 'no groups'}"
        similar = difflib.get_close_matches(service.group, names, 1)
        hint = f"Did you mean {similar[0]}? " if similar else ""
    hint += f"Correct the inventory, or name the group with -e {service.variable}=NAME."
    if service.name == "zookeeper":
        hint += f" If somebody else runs the ensemble, set {NODES} for the replicas."
    others = [item.name for item in services if item is not service]
    if others:
        hint += f" To leave {service.name} out: --tags {others[0]}."
    return [validation_error(service.variable, subject, found, "a group with hosts", hint)]
