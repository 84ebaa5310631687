# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of an ensemble. Pure: statuses in, findings out."""

from __future__ import annotations

from ..findings import CRITICAL, OK, WARNING, Finding
from ..limits import Limits
from .admin_server import NOT_SERVING
from .limits import DEFAULTS, check_limits
from .membership import Server
from .skew import check_exposure, check_membership, check_skew
from .status import MemberStatus
from .voters import Voters, voters_of


def check_ensemble(
    statuses: list[MemberStatus],
    servers: dict[int, Server] | None = None,
    limits: Limits = DEFAULTS,
) -> list[Finding]:
    """Every member serves, exactly one leads, all followers are in sync, and no limit is exceeded.

    servers: the members that the ensemble should have, by id; None does not check them.
    limits: the enabled checks.
    """
    findings = [_check_serving(status, len(statuses)) for status in statuses]
    findings.append(check_quorum(statuses))
    findings.append(_check_one_leader(statuses))
    findings += _check_synced_followers(statuses)
    findings += _check_spare_member(statuses)
    findings += _check_size(statuses, limits)
    findings += check_membership(statuses, servers)
    findings += check_skew(statuses, limits)
    findings += check_exposure(statuses)
    for status in statuses:
        if status.serving:
            findings += _check_zab_phase(status)
            findings += check_limits(status, limits)
    return [finding for finding in findings if finding.check in limits]


def check_quorum(statuses: list[MemberStatus]) -> Finding:
    """A majority of the voters serves."""
    voters = voters_of(statuses)
    serving = _serving_together(statuses, voters)
    healthy = voters.is_quorum(serving)
    return Finding(
        "quorum",
        OK if healthy else CRITICAL,
        "ensemble",
        f"{len(serving)} of {voters.size} members serving",
        _needed(voters),
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
    voters = voters_of(statuses)
    serving = _serving_together(statuses, voters)
    others = [other for other in serving if other.host != host]
    in_sync = _in_sync(serving)
    # in_sync counts the member that is about to stop.
    remaining = len(others) if in_sync is None else min(len(others), in_sync - (status in serving))
    safe = voters.is_quorum(others) and remaining >= (len(others) if voters.groups else voters.needed)
    severity, found, hint = OK, f"{remaining} members in sync without it", ""
    if is_down(statuses, host):
        found = "not serving now"
    elif status.mode == "observer":
        found = "an observer, which does not count for the quorum"
    elif voters.is_essential(status.server_id):
        severity, found = WARNING, _essential(voters)
        hint = "Clients have to wait while this member is down; with three members they would not."
    elif not safe:
        severity, hint = CRITICAL, "Bring the other members back first; stopping this one loses the quorum."
        if not status.reachable:
            found = f"no answer ({status.error}), and {found}"
    return [Finding("safe_to_stop", severity, host, found, _needed(voters), hint)]


def is_down(statuses: list[MemberStatus], host: str) -> bool:
    """Whether a member is known not to serve. No answer is no proof of that."""
    status = _status_of(statuses, host)
    return status is not None and (status.refused or (status.reachable and not status.serving))


def _serving_together(statuses: list[MemberStatus], voters: Voters) -> list[MemberStatus]:
    """Voters that serve as part of this ensemble; a standalone one is part of it only in an ensemble of one."""
    modes = ("leader", "follower") if voters.size > 1 else ("leader", "standalone")
    return [status for status in voters.serving(statuses) if status.mode in modes]


def _in_sync(serving: list[MemberStatus]) -> int | None:
    """The leader and the voters that are in sync with it; None when it does not report them."""
    leader = next((status for status in serving if status.mode == "leader"), None)
    synced = leader.metric("zk_synced_followers") if leader else None
    if leader is None or synced is None:
        return None
    # A follower that joins by reconfiguration does not vote yet.
    return int(synced) - int(leader.metric("zk_synced_non_voting_followers") or 0) + 1


def _needed(voters: Voters) -> str:
    return "more than half of the weight" if voters.groups else f"at least {voters.needed}"


def _essential(voters: Voters) -> str:
    if voters.groups:
        return "a member with so much weight that the ensemble loses its quorum without it"
    return f"an ensemble of {voters.size}, which loses its quorum without any one member"


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
        hint = (
            "It runs alone: its server lines are missing or repeat one id. Check zookeeper_id and zoo.cfg. Its data "
            "has diverged from the others': move it aside before it joins them again, so that it copies the leader's."
        )
        return Finding("serving", CRITICAL, status.host, "standalone", expected, hint)
    if not status.serving:
        not_serving = any(NOT_SERVING in text for text in status.words.values())
        found = "running, but not serving (no quorum, or still joining)" if not_serving else "an answer without a mode"
        hint = "Check that a majority of the members runs and that quorum and election ports are open between them."
        return Finding("serving", CRITICAL, status.host, found, expected, hint)
    found = ", ".join(filter(None, (status.mode, status.version, _by_admin_server(status))))
    return Finding("serving", OK, status.host, found, expected)


def _by_admin_server(status: MemberStatus) -> str:
    """Its clients do not use the AdminServer, so a report says that nothing else answered."""
    return "says its AdminServer" if status.source == "admin_server" else ""


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
    voters = voters_of(statuses)
    in_sync, expected = _in_sync(leaders), len(voters.ids or range(voters.size)) - 1
    found = "no value" if in_sync is None else str(in_sync - 1)
    healthy = in_sync is not None and in_sync - 1 == expected
    hint = "" if healthy else "A follower is down or still copying the leader's data; see the other findings."
    severity = OK if healthy else CRITICAL
    return [Finding("synced_followers", severity, "ensemble", found, str(expected), hint)]


def _check_spare_member(statuses: list[MemberStatus]) -> list[Finding]:
    """The ensemble keeps its quorum when any one member stops. Too few members for that are a matter of its size."""
    voters = voters_of(statuses)
    serving = _serving_together(statuses, voters)
    in_sync = _in_sync(serving)
    if in_sync is None or not voters.is_quorum(serving) or (voters.is_essential(None) and not voters.groups):
        return []
    remaining = min(in_sync, len(serving)) - 1
    without = [[other for other in serving if other is not status] for status in serving]
    healthy = all(map(voters.is_quorum, without)) and remaining >= (
        len(serving) - 1 if voters.groups else voters.needed
    )
    hint = "" if healthy else "Bring the other members back: when one more stops, nothing can be written."
    if any(voters.is_essential(status.server_id) for status in serving):
        hint = "Give all members the same weight: now one of them is a single point of failure."
    found = f"{remaining} members in sync without any one of them"
    return [Finding("safe_to_stop", OK if healthy else WARNING, "ensemble", found, _needed(voters), hint)]


def _check_size(statuses: list[MemberStatus], limits: Limits) -> list[Finding]:
    """An odd number of voters: one more does not let one more fail."""
    size, check = voters_of(statuses).size, limits.get("size")
    if check is None:
        return []
    if size % 2 or not check.healthy(size):
        hint = "Add members: the ensemble must keep its quorum while one of them is down."
        return [check.finding("ensemble", size, hint)]
    hint = f"{size} voters survive the loss of as many members as {size - 1}: add one, or remove one."
    return [Finding("size", WARNING, "ensemble", f"{size} voters", "an odd number", hint)]


def _check_zab_phase(status: MemberStatus) -> list[Finding]:
    """The protocol between the members is in its last phase. Versions before 3.6 do not report it."""
    phase = status.metrics.get("zk_peer_state", "")
    if not phase:
        return []
    healthy = phase.endswith("- broadcast")
    hint = "" if healthy else f"{status.host} has not joined yet. If it stays so, look into its log."
    return [Finding("zab_phase", OK if healthy else WARNING, status.host, phase, "broadcast", hint)]
