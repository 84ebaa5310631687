# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""All checks of the layout, and their order in a report. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ...findings import CRITICAL, OK, SEVERITIES, Finding
from .ddl import check_hosts, check_liveness, check_order, check_progress, check_queue
from .limits import DEFAULTS
from .metadata import check_discovery, check_objects
from .orphans import Orphan, check_claimed, check_owners, find_orphans, orphan_finding
from .peers import check_claims, check_clusters, check_macros, check_servers
from .registry import check_registry
from .tables import check_active, check_replicas, check_tables
from .world import World, some

Check = Callable[[World], Iterator[Finding]]
# Checks by the names of their findings. The first need no ZooKeeper.
SERVER_CHECKS: dict[Check, tuple[str, ...]] = {
    check_servers: ("servers",),
    check_macros: ("macros",),
    check_claims: ("duplicate_replica", "shared_path"),
    check_clusters: ("clusters",),
}
TREE_CHECKS: dict[Check, tuple[str, ...]] = {
    check_claimed: ("replica_znodes", "replica_host"),
    check_owners: ("foreign_replica", "table_on_server"),
    check_active: ("is_active",),
    check_replicas: ("is_lost", "log_lag", "alter"),
    check_tables: ("quorum", "failed_parts", "blocks", "missing_znodes", "unknown_znodes"),
    check_queue: ("ddl_length", "ddl_age", "ddl_entry"),
    check_order: ("ddl_order",),
    check_hosts: ("ddl_host", "ddl_cluster"),
    check_progress: ("ddl_stuck",),
    check_liveness: ("ddl_liveness",),
    check_discovery: ("discovery",),
    check_registry: ("registry",),
    check_objects: ("functions", "collections", "access"),
}
# Checks of what a cluster may not use, by the path without which they do not apply.
OPTIONAL = {
    **dict.fromkeys(("ddl_length", "ddl_age", "ddl_entry", "ddl_order", "ddl_host", "ddl_cluster", "ddl_stuck"), "ddl"),
    "ddl_liveness": "ddl_replicas",
    "discovery": "discovery",
    "registry": "registry",
    "functions": "functions",
    "collections": "collections",
    "access": "access",
}
# Checks that need the tables of the servers.
NEED_SERVERS = frozenset(
    ["macros", "duplicate_replica", "shared_path", "clusters", "orphan_table", "orphan_replica", "foreign_replica",
     "replica_znodes", "replica_host", "table_on_server", "log_lag", "blocks", "ddl_stuck", "ddl_liveness", "discovery",
     "registry", "functions", "collections", "access"]
)  # fmt: skip


def check_layout(world: World, zookeeper_error: str, max_findings: int) -> tuple[list[Finding], list[Orphan]]:
    """Findings and orphans. zookeeper_error: why the tree is missing. max_findings: how many to keep of each check."""
    findings: list[Finding] = []
    orphans: list[Orphan] = []
    for check, names in SERVER_CHECKS.items():
        findings += _limited(check(world), names, world, max_findings)
    if world.tree is None:
        hint = "Tables, replicas and statements in ZooKeeper were not checked. Run playbooks/health.yml."
        findings.append(Finding("zookeeper", CRITICAL, world.root, zookeeper_error, "a chroot that can be read", hint))
        return findings, orphans
    replicas = sum(len(table.replicas) for table in world.tree.tables.values())
    counts = f"{len(world.tree.tables)} tables, {replicas} replicas, {len(world.tree.ddl)} statements"
    findings.insert(0, Finding("zookeeper", OK, world.root, counts, "a chroot that can be read"))
    orphans = list(find_orphans(world))
    found = (orphan_finding(world, orphan) for orphan in orphans)
    findings += _limited(found, ("orphan_table", "orphan_replica"), world, max_findings)
    for check, names in TREE_CHECKS.items():
        findings += _limited(check(world), names, world, max_findings)
    return findings, orphans


def _limited(findings: Iterable[Finding], names: tuple[str, ...], world: World, max_findings: int) -> Iterator[Finding]:
    """The first findings of each check, and one for the rest; one that is ok for a check that found nothing."""
    counts: dict[str, int] = {}
    worst: dict[str, Finding] = {}
    for finding in findings:
        counts[finding.check] = counts.get(finding.check, 0) + 1
        if counts[finding.check] <= max_findings:
            yield finding
        elif finding.check not in worst or _rank(finding) > _rank(worst[finding.check]):
            worst[finding.check] = finding
    for check, finding in worst.items():
        more = counts[check] - max_findings
        yield Finding(
            check, finding.severity, world.root, f"{more} more, such as {finding.subject}", "none", finding.hint
        )
    unread = [replica.name for replica in world.replicas if not world.knows_tables(replica)]
    disabled = DEFAULTS.keys() - world.limits.keys()
    for name in names:
        if name in counts or name in disabled or (name in OPTIONAL and not getattr(world.paths, OPTIONAL[name])):
            continue
        partly = unread if name in NEED_SERVERS else []
        # What nobody could say is not healthy.
        if len(partly) < len(world.replicas):
            found = f"nothing, except on {some(partly)}, which could not be read" if partly else "nothing"
            yield Finding(name, OK, world.root, found, "nothing")


def _rank(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)
