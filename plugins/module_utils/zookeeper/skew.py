# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Differences between the members of an ensemble. Pure: statuses in, findings out."""

from __future__ import annotations

from collections.abc import Mapping

from ..clock import compare_hosts
from ..findings import CRITICAL, OK, WARNING, Finding
from ..limits import Limits, check_limit
from .membership import Server, server_lines, voting
from .status import PROBE, MemberStatus
from .words import parse_conf

# Keys of `conf` that may differ from host to host. The server lines are compared as the membership.
PER_HOST = frozenset(
    (
        *("clientPort", "clientPortAddress", "secureClientPort", "secureClientPortAddress"),
        *("dataDir", "dataDirSize", "dataLogDir", "dataLogSize"),
        *("serverId", "electionPort", "quorumPort", "peerType"),
    )
)
# The epoch is in the upper half of a zxid, the number of the transaction in the lower one.
EPOCH_BITS = 32


def check_skew(statuses: list[MemberStatus], limits: Limits) -> list[Finding]:
    """Version, configuration and last transaction of the serving members, compared with each other."""
    serving = [status for status in statuses if status.serving]
    findings = _same(
        "version_skew",
        {status.host: status.version for status in serving if status.version},
        "one version",
        "Outside of an upgrade all members run the same version: upgrade the others, or end the upgrade.",
    )
    findings += _check_config(serving)
    return findings + _check_zxid_lag(serving, limits)


def check_clocks(clocks: Mapping[str, tuple[float, float]], limits: Limits) -> list[Finding]:
    """The clock of each host, compared with the median one. Only a difference larger than both errors counts.

    clocks: by host, seconds that its clock is ahead of the control node's, and the largest error.
    """
    if len(clocks) < 2:
        return []
    _median, distances = compare_hosts(clocks)
    findings: list[Finding] = []
    for host, distance in distances.items():
        findings += check_limit(limits, "clock_skew", host, 1000 * abs(distance))
    return findings


def check_membership(statuses: list[MemberStatus], servers: dict[int, Server] | None) -> list[Finding]:
    """All serving members know the same ensemble, it is the one of the inventory, and each has an id of its own."""
    serving = [status for status in statuses if status.serving]
    reporting = [status for status in serving if status.servers]
    repeated = _repeated_ids(serving)
    if repeated or not reporting:
        return repeated
    # Without observers, if there is a member that does not report them.
    only_voters = not all(status.full_config for status in reporting)
    known: dict[str, list[str]] = {}
    for status in reporting:
        known.setdefault(_lines(status.servers, only_voters), []).append(status.host)
    expected = _lines(servers, only_voters) if servers else next(iter(known))
    if set(known) == {expected}:
        return [
            Finding("membership", OK, "ensemble", f"the same on {len(statuses)} members", "the same on all members")
        ]
    found = "; ".join(f"{lines} on {', '.join(hosts)}" for lines, hosts in known.items())
    hint = "The members of the ensemble are not those of the inventory: restore the inventory, or correct the members."
    return [Finding("membership", CRITICAL, "ensemble", found, expected, hint)]


def _repeated_ids(serving: list[MemberStatus]) -> list[Finding]:
    hosts: dict[int, list[str]] = {}
    for status in serving:
        if status.server_id is not None:
            hosts.setdefault(status.server_id, []).append(status.host)
    hint = "They may be ensembles of their own, with different data. Correct zookeeper_id, myid and the server lines."
    return [
        Finding("membership", CRITICAL, "ensemble", f"id {number} on {', '.join(of)}", "an id for each member", hint)
        for number, of in hosts.items()
        if len(of) > 1
    ]


def check_exposure(statuses: list[MemberStatus]) -> list[Finding]:
    """No member executes a word that only `*` allows. Members that were not asked for it are not checked."""
    findings = []
    for status in statuses:
        if status.words.get(PROBE, "").strip().isdigit():
            hint = "List the words that are used in 4lw.commands.whitelist; some of the others slow the member down."
            found = f"executes {PROBE}, so probably every four-letter word (*)"
            findings.append(Finding("exposure", WARNING, status.host, found, "a list of words, never *", hint))
    return findings


def _lines(servers: dict[int, Server], only_voters: bool) -> str:
    return server_lines(voting(servers) if only_voters else servers.values())


def _check_config(serving: list[MemberStatus]) -> list[Finding]:
    settings = {status.host: _shared_settings(status) for status in serving if status.words.get("conf")}
    partial = {status.host for status in serving if not status.full_config}
    if len(settings) < 2:
        return []
    different = []
    for key in sorted(set().union(*settings.values())):
        hosts: dict[str, list[str]] = {}
        for host, values in settings.items():
            if key in values or host not in partial:
                hosts.setdefault(values.get(key, "not set"), []).append(host)
        if len(hosts) > 1:
            different.append(f"{key}: " + ", ".join(f"{value} on {' '.join(of)}" for value, of in hosts.items()))
    hint = "" if not different else "Apply the configuration to all members, and restart those that have not read it."
    found = "; ".join(different) or f"the same on {len(settings)} members"
    severity = WARNING if different else OK
    return [Finding("config_skew", severity, "ensemble", found, "the same on all members", hint)]


def _shared_settings(status: MemberStatus) -> dict[str, str]:
    settings = parse_conf(status.words["conf"])
    return {key: value for key, value in settings.items() if key not in PER_HOST and "." not in key}


def _check_zxid_lag(serving: list[MemberStatus], limits: Limits) -> list[Finding]:
    """Compared within one epoch only: after an election idle followers still show the last one."""
    zxids = {status.host: status.zxid for status in serving if status.zxid is not None}
    if len(zxids) < 2 or len({zxid >> EPOCH_BITS for zxid in zxids.values()}) > 1:
        return []
    newest = max(zxids.values())
    hint = "{host} does not follow the leader fast enough. Check its disk and the network to the leader."
    findings: list[Finding] = []
    for host, zxid in zxids.items():
        findings += check_limit(limits, "zxid_lag", host, newest - zxid, hint)
    return findings


def _same(check: str, values: dict[str, str], expected: str, hint: str) -> list[Finding]:
    """One finding about values by host that should be equal; none when nothing can be compared."""
    if len(values) < 2:
        return []
    hosts: dict[str, list[str]] = {}
    for host, value in values.items():
        hosts.setdefault(value, []).append(host)
    if len(hosts) == 1:
        return [Finding(check, OK, "ensemble", next(iter(hosts)), expected)]
    found = ", ".join(f"{value} on {' '.join(of)}" for value, of in hosts.items())
    return [Finding(check, WARNING, "ensemble", found, expected, hint)]
