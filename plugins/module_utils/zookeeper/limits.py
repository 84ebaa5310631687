# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The checks of zookeeper_health as data: name, severity, source, default limit and unit. Pure."""

from __future__ import annotations

from ..findings import CRITICAL, WARNING, Finding
from ..limits import Check, Limits, by_name, check_limit
from .status import MemberStatus

ADMIN = "Apache administrator's guide"
MONITOR = "Apache monitor guide"
ALTINITY = "Altinity's ZooKeeper alert rules"
NAGIOS = "Nagios plugin of ZooKeeper's contrib"
ZK_SHELL = "zk_shell"
ZOOHOUSE = "Zoohouse"

SLOW = "Check the disk, the memory and the garbage collection of {host}."
DATA = "Find what fills the ensemble with zookeeper_layout_info, and remove it; raise the limit if this is expected."
CORRUPT = (
    "Its data may differ from the leader's. Take a backup of the leader before anything else; see the log of {host}."
)
SPACE = "Free space on the disks of {host}: a member that cannot write a snapshot or its log stops."

CHECKS = (
    Check("serving", CRITICAL, ADMIN),
    Check("quorum", CRITICAL, ADMIN),
    Check("one_leader", CRITICAL, ADMIN),
    Check("synced_followers", CRITICAL, ALTINITY),
    Check("zab_phase", WARNING, ALTINITY),
    Check("safe_to_stop", WARNING, ZOOHOUSE),
    Check("membership", CRITICAL, ADMIN),
    Check("size", WARNING, f"{ADMIN}; Altinity's knowledge base", 3, "voters", least=True),
    Check("zxid_lag", WARNING, ZK_SHELL, 200, "transactions"),
    Check("tree_skew", CRITICAL, ZOOHOUSE),
    Check("canary", CRITICAL, ZOOHOUSE),
    Check("canary_time", WARNING, ZOOHOUSE, 4000, "ms", hint=SLOW),
    Check("clock_skew", WARNING, ZOOHOUSE, 500, "ms", hint="Synchronise the clock of {host}, for example with chrony."),
    Check("version_skew", WARNING, ZOOHOUSE),
    Check("config_skew", WARNING, ADMIN),
    Check("exposure", WARNING, ADMIN),
    Check("metrics", WARNING, ZOOHOUSE),
    Check("outstanding_requests", WARNING, ALTINITY, 10, "requests", "zk_outstanding_requests", hint=SLOW),
    Check("avg_latency", WARNING, MONITOR, 100, "ms", "zk_avg_latency", hint=SLOW),
    Check("avg_latency_critical", CRITICAL, ALTINITY, 500, "ms", "zk_avg_latency", hint=SLOW),
    Check("max_latency", WARNING, NAGIOS, 1000, "ms", "zk_max_latency", hint=SLOW),
    Check("pending_syncs", WARNING, ALTINITY, 10, "syncs", "zk_pending_syncs", hint=SLOW),
    Check(
        "file_descriptors",
        WARNING,
        ALTINITY,
        70,
        "%",
        "zk_open_file_descriptor_count",
        total="zk_max_file_descriptor_count",
        hint="Raise the limit of open files of the service on {host}, or find the client that opens the connections.",
    ),
    Check("znode_count", WARNING, MONITOR, 1_000_000, "znodes", "zk_znode_count", hint=DATA),
    Check("data_size", WARNING, MONITOR, 1024, "MiB", "zk_approximate_data_size", scale=1 << 20, hint=DATA),
    Check(
        "digest_mismatches_since_start",
        WARNING,
        ADMIN,
        0,
        "mismatches",
        "zk_digest_mismatches_count",
        hint=CORRUPT,
    ),
    Check(
        "recent_restart",
        WARNING,
        ALTINITY,
        180,
        "s",
        "zk_uptime",
        scale=1000,
        least=True,
        hint="If nobody restarted {host}, look for the reason in the journal of its service.",
    ),
)
# Figures that only the host of a member knows.
HOST_CHECKS = (
    Check("unit", CRITICAL, ZOOHOUSE),
    Check("server_id", CRITICAL, ADMIN),
    Check(
        "swap",
        WARNING,
        f"{ADMIN}; Altinity's knowledge base",
        0,
        "MiB",
        hint="Switch off swap on {host}, or make the heap smaller.",
    ),
    Check("log_device", WARNING, f"{ADMIN}; ClickHouse operations tips"),
    Check("disk_used", WARNING, ZOOHOUSE, 80, "%", hint=SPACE),
    Check("disk_reserve", WARNING, ZOOHOUSE, 4, "snapshots and log files", least=True, hint=SPACE),
    Check("disk_full", CRITICAL, ZOOHOUSE, 1, "snapshots and log files", least=True, hint=SPACE),
    Check(
        "purge_interval",
        WARNING,
        ADMIN,
        1,
        "hours",
        least=True,
        hint="Set zookeeper_autopurge_purge_interval: nothing else removes old snapshots.",
    ),
    Check("purge_retain", WARNING, ADMIN, 3, "snapshots", least=True),
    Check("running_config", WARNING, ADMIN),
)
REFUSED = "Find the clients in the log of {host}, and the limit that they exceed in zoo.cfg."
ELECTION = "Members lost their leader: look for pauses, slow disks and the network in their logs."
# Counters that should not increase; only with the option `window`.
WINDOW_CHECKS = (
    Check("elections", WARNING, MONITOR, 0, "elections", "zk_cnt_election_time", hint=ELECTION),
    Check("looking", WARNING, MONITOR, 0, "times", "zk_looking_count", hint=ELECTION),
    Check("fsync_time", WARNING, MONITOR, 100, "ms per s", "zk_sum_fsynctime", per_second=True, hint=SLOW),
    Check("slow_fsyncs", WARNING, ADMIN, 0, "fsyncs", "zk_fsync_threshold_exceed_count", hint=SLOW),
    Check("digest_mismatches", CRITICAL, ALTINITY, 0, "mismatches", "zk_digest_mismatches_count", hint=CORRUPT),
    Check("unrecoverable_errors", CRITICAL, ALTINITY, 0, "errors", "zk_unrecoverable_error_count", hint=CORRUPT),
    Check("rejected_connections", WARNING, ALTINITY, 0, "connections", "zk_connection_rejected", hint=REFUSED),
    Check("stale_requests", WARNING, ALTINITY, 0, "requests", "zk_stale_requests_dropped", hint=REFUSED),
    Check("large_requests", WARNING, ALTINITY, 0, "requests", "zk_large_requests_rejected", hint=REFUSED),
)
DEFAULTS = by_name(CHECKS + HOST_CHECKS + WINDOW_CHECKS)


def check_limits(status: MemberStatus, limits: Limits) -> list[Finding]:
    """The metrics of one serving member. A metric that its version does not have is not checked."""
    if not status.metrics:
        hint = f"Add mntr to 4lw.commands.whitelist of {status.host}; without it nothing else can be checked."
        return [Finding("metrics", WARNING, status.host, "no answer to mntr", "the metrics of the member", hint)]
    findings = []
    for check in CHECKS:
        findings += check_limit(limits, check.name, status.host, _value(check, status))
    # Above the critical limit, the warning about the same metric says nothing new.
    critical = {limits[finding.check].metric for finding in findings if finding.severity == CRITICAL}
    return [
        finding for finding in findings if finding.severity != WARNING or limits[finding.check].metric not in critical
    ]


def _value(check: Check, status: MemberStatus) -> float | None:
    value = status.metric(check.metric) if check.metric else None
    if value is None:
        return None
    if check.total:
        total = status.metric(check.total)
        return 100 * value / total if total and total > 0 else None
    return value / check.scale
