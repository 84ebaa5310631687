# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Judge the readings of an ensemble. Pure: readings in, findings out."""

from __future__ import annotations

from ..findings import CRITICAL, OK, WARNING, Finding
from .reading import NOT_SERVING, Reading

# Check, metric of mntr, highest healthy value, unit, where the number comes from.
LIMITS = (
    ("outstanding_requests", "zk_outstanding_requests", 10, "requests", "Altinity's ZooKeeper alert rules"),
    ("avg_latency", "zk_avg_latency", 100, "ms", "Apache monitor guide"),
    ("pending_syncs", "zk_pending_syncs", 10, "syncs", "Altinity's ZooKeeper alert rules"),
)


def quorum_size(voters: int) -> int:
    """How many of `voters` must serve so that the ensemble serves."""
    return voters // 2 + 1


def judge(readings: list[Reading]) -> list[Finding]:
    """Is the ensemble whole: every member serving, exactly one leader, all followers in sync, no limit passed."""
    findings = [_serving(reading, len(readings)) for reading in readings]
    findings.append(judge_quorum(readings))
    findings.append(_one_leader(readings))
    findings += _synced(readings)
    for reading in readings:
        if reading.serving:
            findings += _limits(reading)
    return findings


def judge_quorum(readings: list[Reading]) -> Finding:
    """Does a majority of the configured members serve under a leader."""
    serving = _in_step(readings)
    needed = quorum_size(len(readings))
    return Finding(
        "quorum",
        OK if len(serving) >= needed else CRITICAL,
        "ensemble",
        f"{len(serving)} of {len(readings)} members serving",
        f"at least {needed}",
        "" if len(serving) >= needed else "Start members until a majority runs; nothing can be written before.",
    )


def judge_serving(readings: list[Reading], host: str) -> list[Finding]:
    """Does this one member serve, in an ensemble that has its quorum. What the others do is not asked."""
    mine = [reading for reading in readings if reading.host == host]
    if not mine:
        return [_unknown(host, readings)]
    return [_serving(mine[0], len(readings)), judge_quorum(readings)]


def judge_safe_to_stop(readings: list[Reading], host: str) -> list[Finding]:
    """Does the ensemble keep its quorum when this member stops. One that serves nobody can always be stopped."""
    mine = [reading for reading in readings if reading.host == host]
    if not mine:
        return [_unknown(host, readings)]
    needed = quorum_size(len(readings))
    rest = [reading for reading in _in_step(readings) if reading.host != host]
    leaders = [reading for reading in rest if reading.mode == "leader"]
    synced = leaders[0].metric("zk_synced_followers") if leaders else None
    # zk_synced_followers leaves out the leader and counts the member that is about to stop.
    left = len(rest) if synced is None else min(len(rest), int(synced) + 1 - (mine[0].mode == "follower"))
    found, hint = f"{left} members in step without it", ""
    severity = OK
    if not mine[0].serving:
        found = "it serves nobody now"
    elif quorum_size(len(readings)) == len(readings):
        severity, found = WARNING, f"an ensemble of {len(readings)}, which no member can leave"
        hint = "Clients wait while this member is away; three members would not make them wait."
    elif left < needed:
        severity, hint = CRITICAL, "Bring the other members back first; stopping this one loses the quorum."
    return [Finding("safe_to_stop", severity, host, found, f"at least {needed}", hint)]


def stop_order(readings: list[Reading]) -> list[str]:
    """The order of a rolling restart: members that serve nobody, then followers, the leader last."""
    rank = {"": 0, "observer": 1, "follower": 2, "standalone": 3, "leader": 4}
    return [reading.host for reading in sorted(readings, key=lambda reading: rank.get(reading.mode, 0))]


def leader_of(readings: list[Reading]) -> str | None:
    leaders = [reading.host for reading in readings if reading.mode == "leader"]
    return leaders[0] if len(leaders) == 1 else None


def _in_step(readings: list[Reading]) -> list[Reading]:
    """Members that serve as part of this ensemble; a standalone one is part of it only when it is alone."""
    modes = ("leader", "follower") if len(readings) > 1 else ("leader", "standalone")
    return [reading for reading in readings if reading.mode in modes]


def _unknown(host: str, readings: list[Reading]) -> Finding:
    asked = ", ".join(reading.host for reading in readings)
    return Finding("member", CRITICAL, host, f"not one of the members asked ({asked})", "a member of this ensemble")


def _serving(reading: Reading, size: int) -> Finding:
    expected = "leader or follower" if size > 1 else "standalone or leader"
    if not reading.reachable:
        hint = f"Look at `systemctl status zookeeper` on {reading.host} and at the network to port {reading.port}."
        return Finding("serving", CRITICAL, reading.host, f"no answer: {reading.error}", expected, hint)
    if reading.mode == "standalone" and size > 1:
        hint = "It runs alone: its server lines are missing or repeat one id. Check zookeeper_id and zoo.cfg."
        return Finding("serving", CRITICAL, reading.host, "standalone", expected, hint)
    if not reading.serving:
        refused = any(NOT_SERVING in text for text in reading.words.values())
        found = "running, but serving nobody (no quorum, or still joining)" if refused else "an answer without a mode"
        hint = "Check that a majority of the members runs and that quorum and election ports are open between them."
        return Finding("serving", CRITICAL, reading.host, found, expected, hint)
    return Finding("serving", OK, reading.host, f"{reading.mode}, {reading.version}".rstrip(", "), expected)


def _one_leader(readings: list[Reading]) -> Finding:
    leaders = [reading.host for reading in readings if reading.mode in ("leader", "standalone")]
    found = ", ".join(leaders) or "none"
    hint = (
        "" if len(leaders) == 1 else "Several leaders are several ensembles: compare the server lines of the members."
    )
    if not leaders:
        hint = "Without a leader nothing can be written; start members until a majority runs."
    return Finding("one_leader", OK if len(leaders) == 1 else CRITICAL, "ensemble", found, "exactly one leader", hint)


def _synced(readings: list[Reading]) -> list[Finding]:
    leaders = [reading for reading in readings if reading.mode == "leader"]
    if len(leaders) != 1:
        return []
    synced, expected = leaders[0].metric("zk_synced_followers"), len(readings) - 1
    found = "not told" if synced is None else str(int(synced))
    well = synced is not None and int(synced) == expected
    hint = "" if well else "A follower is down or still copying the leader's data; see the other findings."
    return [Finding("synced_followers", OK if well else CRITICAL, "ensemble", found, str(expected), hint)]


def _limits(reading: Reading) -> list[Finding]:
    findings = []
    for check, metric, limit, unit, source in LIMITS:
        value = reading.metric(metric)
        if value is None:
            continue
        well = value <= limit
        hint = "" if well else f"Look at disk and garbage collection of {reading.host} (limit: {source})."
        findings.append(
            Finding(check, OK if well else WARNING, reading.host, f"{value:g} {unit}", f"at most {limit} {unit}", hint)
        )
    return findings
