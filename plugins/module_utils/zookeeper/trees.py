# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether members have the same tree. A member that ran alone may have another one for good, with the same zxid.

The tree after a transaction depends on nothing but the transactions, so members of one version with the same zxid have
the same number of znodes, and of ephemeral ones. (Not the same size: members do not count the bytes of quotas alike.)

Why this is no false alarm while transactions run: a member changes its tree first, and its zxid when a transaction is
done. One answer may therefore have a number of znodes that is newer than its zxid (`srvr` prints the zxid first), or
older (the AdminServer reads it last). So a member only counts if it was idle: it is asked twice, both answers to `srvr`
have the same zxid, and the number of znodes is the same in both and in the `mntr` between them. The zxid never falls,
so no transaction was done between the two answers. One that was being done all that time would have changed the number,
unless the member stood still just between the last change and its zxid, for as long as several connections take.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..findings import CRITICAL, OK, Finding
from .status import MemberStatus

# Modes of members that follow the same transactions.
TOGETHER = ("leader", "follower", "observer")
Group = list[MemberStatus]


def check_trees(
    statuses: Sequence[MemberStatus], ask_again: Callable[[Group], Sequence[MemberStatus]]
) -> list[Finding]:
    """One finding for each zxid that several members have.

    ask_again: the answers of members to another `srvr`, in their order. Nobody is asked while all members look alike.
    """
    findings = []
    for group in _groups(statuses):
        if _differ(group):
            again = ask_again(group)
            group = [first for first, second in zip(group, again) if _was_idle(first, second)]
        if len(group) > 1:
            findings.append(_finding(group))
    return findings


def _groups(statuses: Sequence[MemberStatus]) -> list[Group]:
    """Members of one version with the same zxid: another version may have other znodes of its own."""
    groups: dict[tuple[str, int], Group] = {}
    for status in statuses:
        if status.mode in TOGETHER and status.version and status.zxid is not None and status.znodes is not None:
            groups.setdefault((status.version, status.zxid), []).append(status)
    return list(groups.values())


def _differ(group: Group) -> bool:
    ephemerals = {status.metric("zk_ephemerals_count") for status in group} - {None}
    return len({status.znodes for status in group}) > 1 or len(ephemerals) > 1


def _was_idle(first: MemberStatus, second: MemberStatus) -> bool:
    between = first.metric("zk_znode_count")
    same = first.mode == second.mode and first.zxid == second.zxid and first.znodes == second.znodes
    return same and between in (None, first.znodes)


def _finding(group: Group) -> Finding:
    hosts: dict[str, list[str]] = {}
    for status in group:
        hosts.setdefault(_tree(status), []).append(status.host)
    expected, zxid = "the same tree on members with the same zxid", f"at zxid {group[0].zxid:#x}"
    if not _differ(group):
        found = f"{group[0].znodes} znodes on {len(group)} members {zxid}"
        return Finding("tree_skew", OK, "ensemble", found, expected)
    found = "; ".join(f"{tree} on {' '.join(of)}" for tree, of in hosts.items())
    hint = (
        "Their data differs for good, for example because one of them ran alone. Find out which one is wrong: most "
        "likely the one that differs from all others. While the others have a quorum and agree, take a backup, stop "
        "that member, move version-2 out of its data and log directories, and start it: it copies the leader's tree."
    )
    return Finding("tree_skew", CRITICAL, "ensemble", f"{found}; all {zxid}", expected, hint)


def _tree(status: MemberStatus) -> str:
    ephemerals = status.metric("zk_ephemerals_count")
    return f"{status.znodes} znodes" + ("" if ephemerals is None else f", {ephemerals:.0f} of them ephemeral,")
