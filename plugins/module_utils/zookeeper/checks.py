# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of an ensemble. Pure: statuses in, findings out."""

from __future__ import annotations

from ..findings import CRITICAL, OK, WARNING, Finding
from .membership import Server, server_lines
from .status import NOT_SERVING, MemberStatus

# Check, metric of mntr, largest healthy value, unit, source of the value.
LIMITS = (
    ("outstanding_requests", "zk_outstanding_requests", 10, "requests", "Altinity's ZooKeeper alert rules"),
    ("avg_latency", "zk_avg_latency", 100, "ms", "Apache monitor guide"),
    ("pending_syncs", "zk_pending_syncs", 10, "syncs", "Altinity's ZooKeeper alert rules"),
)


def quorum_size(voters: int) -> int:
    """How many of `voters` must serve so that the ensemble serves."""
    return voters // 2 + 1


def check_ensemble(statuses: list[MemberStatus], servers: dict[int, Server] | None = None) -> list[Finding]:
    """Every member serves, exactly one leads, all followers are in sync, and no limit is exceeded.

    servers: the members that the ensemble should have, by id; None does not check them.
    """
    findings = [_check_serving(status, len(statuses)) for status in statuses]
    findings.append(check_quorum(statuses))
    findings.append(_check_one_leader(statuses))
    findings += _check_synced_followers(statuses)
    findings += _check_membership(statuses, servers)
    for status in statuses:
        if status.serving:
            findings += _check_limits(status)
    return findings


def check_quorum(statuses: list[MemberStatus]) -> Finding:
    """A majority of the configured members serves."""
    serving = _serving_together(statuses)
    needed = quorum_size(len(statuses))
    healthy = len(serving) >= needed
    return Finding(
        "quorum",
        OK if healthy else CRITICAL,
        "ensemble",
        f"{len(serving)} of {len(statuses)} members serving",
        f"at least {needed}",
        "" if healthy else "Start members until a majority runs; until then nothing can be written.",
    )


def check_member(statuses: list[MemberStatus], host: str) -> list[Finding]:
    """This member serves, in an ensemble that has its quorum. Other members may be down."""
    status = _status_of(statuses, host)
    if status is None:
        return [_unknown_member(host, statuses)]
    return [_check_serving(status, len(statuses)), check_quorum(statuses)]


def check_safe_to_stop(statuses: list[MemberStatus], host: str) -> list[Finding]:
    """The ensemble keeps its quorum when this member stops.

    A member that does not run or is not serving can be stopped. No answer is no proof of that: a member that is only
    slow may be the one that makes the quorum.
    """
    status = _status_of(statuses, host)
    if status is None:
        return [_unknown_member(host, statuses)]
    needed = quorum_size(len(statuses))
    others = [other for other in _serving_together(statuses) if other.host != host]
    leader = next((other for other in others if other.mode == "leader"), None)
    synced = leader.metric("zk_synced_followers") if leader else None
    # zk_synced_followers does not count the leader, and counts the member that is about to stop.
    remaining = len(others) if synced is None else min(len(others), int(synced) + 1 - (status.mode == "follower"))
    severity, found, hint = OK, f"{remaining} members in sync without it", ""
    if is_down(statuses, host):
        found = "not serving now"
    elif needed == len(statuses):
        severity, found = WARNING, f"an ensemble of {len(statuses)}, which loses its quorum without any one member"
        hint = "Clients have to wait while this member is down; with three members they would not."
    elif remaining < needed:
        severity, hint = CRITICAL, "Bring the other members back first; stopping this one loses the quorum."
        if not status.reachable:
            found = f"no answer ({status.error}), and {found}"
    return [Finding("safe_to_stop", severity, host, found, f"at least {needed}", hint)]


def is_down(statuses: list[MemberStatus], host: str) -> bool:
    """Whether a member is known not to serve. No answer is no proof of that."""
    status = _status_of(statuses, host)
    return status is not None and (status.refused or (status.reachable and not status.serving))


def restart_order(statuses: list[MemberStatus]) -> list[str]:
    """The order of a rolling restart: members that are not serving, then followers, the leader last."""
    rank = {"": 0, "observer": 1, "follower": 2, "standalone": 3, "leader": 4}
    return [status.host for status in sorted(statuses, key=lambda status: rank.get(status.mode, 0))]


def leader_of(statuses: list[MemberStatus]) -> str | None:
    leaders = [status.host for status in statuses if status.mode == "leader"]
    return leaders[0] if len(leaders) == 1 else None


def _serving_together(statuses: list[MemberStatus]) -> list[MemberStatus]:
    """Members that serve as part of this ensemble; a standalone one is part of it only in an ensemble of one."""
    modes = ("leader", "follower") if len(statuses) > 1 else ("leader", "standalone")
    return [status for status in statuses if status.mode in modes]


def _status_of(statuses: list[MemberStatus], host: str) -> MemberStatus | None:
    return next((status for status in statuses if status.host == host), None)


def _unknown_member(host: str, statuses: list[MemberStatus]) -> Finding:
    hosts = ", ".join(status.host for status in statuses)
    return Finding("member", CRITICAL, host, f"not one of the hosts ({hosts})", "a member of this ensemble")


def _check_serving(status: MemberStatus, size: int) -> Finding:
    expected = "leader or follower" if size > 1 else "standalone or leader"
    if not status.reachable:
        hint = f"Check `systemctl status zookeeper` on {status.host} and the network to port {status.port}."
        return Finding("serving", CRITICAL, status.host, f"no answer: {status.error}", expected, hint)
    if status.mode == "standalone" and size > 1:
        hint = "It runs alone: its server lines are missing or repeat one id. Check zookeeper_id and zoo.cfg."
        return Finding("serving", CRITICAL, status.host, "standalone", expected, hint)
    if not status.serving:
        not_serving = any(NOT_SERVING in text for text in status.words.values())
        found = "running, but not serving (no quorum, or still joining)" if not_serving else "an answer without a mode"
        hint = "Check that a majority of the members runs and that quorum and election ports are open between them."
        return Finding("serving", CRITICAL, status.host, found, expected, hint)
    return Finding("serving", OK, status.host, f"{status.mode}, {status.version}".rstrip(", "), expected)


def _check_one_leader(statuses: list[MemberStatus]) -> Finding:
    leaders = [status.host for status in statuses if status.mode in ("leader", "standalone")]
    found, hint = ", ".join(leaders) or "none", ""
    if not leaders:
        hint = "Without a leader nothing can be written; start members until a majority runs."
    elif len(leaders) > 1:
        hint = "Several leaders are several ensembles: compare the server lines of the members."
    return Finding("one_leader", OK if len(leaders) == 1 else CRITICAL, "ensemble", found, "exactly one leader", hint)


def _check_synced_followers(statuses: list[MemberStatus]) -> list[Finding]:
    leaders = [status for status in statuses if status.mode == "leader"]
    if len(leaders) != 1:
        return []
    synced, expected = leaders[0].metric("zk_synced_followers"), len(statuses) - 1
    found = "no value" if synced is None else str(int(synced))
    healthy = synced is not None and int(synced) == expected
    hint = "" if healthy else "A follower is down or still copying the leader's data; see the other findings."
    severity = OK if healthy else CRITICAL
    return [Finding("synced_followers", severity, "ensemble", found, str(expected), hint)]


def _check_membership(statuses: list[MemberStatus], servers: dict[int, Server] | None) -> list[Finding]:
    """All serving members know the same ensemble, and it is the one of the inventory."""
    known: dict[str, list[str]] = {}
    for status in statuses:
        if status.serving and status.servers:
            known.setdefault(server_lines(status.servers.values()), []).append(status.host)
    if not known:
        return []
    expected = server_lines(servers.values()) if servers else next(iter(known))
    if set(known) == {expected}:
        return [
            Finding("membership", OK, "ensemble", f"the same on {len(statuses)} members", "the same on all members")
        ]
    found = "; ".join(f"{lines} on {', '.join(hosts)}" for lines, hosts in known.items())
    hint = "The members of the ensemble are not those of the inventory: restore the inventory, or correct the members."
    return [Finding("membership", CRITICAL, "ensemble", found, expected, hint)]


def _check_limits(status: MemberStatus) -> list[Finding]:
    findings = []
    for check, metric, limit, unit, source in LIMITS:
        value = status.metric(metric)
        if value is None:
            continue
        healthy = value <= limit
        hint = "" if healthy else f"Check the disk and the garbage collection of {status.host} (limit: {source})."
        severity = OK if healthy else WARNING
        findings.append(Finding(check, severity, status.host, f"{value:g} {unit}", f"at most {limit} {unit}", hint))
    return findings
