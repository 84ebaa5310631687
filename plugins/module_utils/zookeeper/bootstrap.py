# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Decide from the members' disks whether an ensemble may start empty. Pure."""

from __future__ import annotations

from ..findings import CRITICAL, Finding
from .judge import quorum_size


def holds_data(files: list[str]) -> bool:
    """Whether version-2 holds anything that was ever committed: a log, or a snapshot of more than the empty tree."""
    return any(name.startswith("log.") or (name.startswith("snapshot.") and name != "snapshot.0") for name in files)


def judge_bootstrap(
    disks: dict[str, dict | None], ids: dict[str, int], confirmed_empty: bool
) -> tuple[bool, list[Finding]]:
    """(may start empty, refusals).

    disks: member -> what zookeeper_data_info returned on it; None when it was not read in this run.
    ids: member -> the id that the inventory gives it.
    confirmed_empty: the operator knows that all data is gone and wants an empty ensemble (zookeeper_bootstrap_empty).
    """
    read = {host: disk for host, disk in disks.items() if disk is not None and "files" in disk}
    unread = [host for host in disks if host not in read]
    findings = [
        Finding(
            "zookeeper_id",
            CRITICAL,
            host,
            f"{ids[host]}, but its data directory was made by id {disk['myid']}",
            f"{disk['myid']}",
            "An id stays with its data. Give the old id back, or remove the member and add it as a new one.",
        )
        for host, disk in read.items()
        if disk["myid"] is not None and holds_data(disk["files"]) and disk["myid"] != ids[host]
    ]
    holders = [host for host, disk in read.items() if holds_data(disk["files"])]
    wiped = [host for host, disk in read.items() if disk["bootstrapped"] and host not in holders]
    if holders:
        # A minority of empty members copies from the others; an empty majority would elect an empty tree.
        if len(holders) + len(unread) < quorum_size(len(disks)):
            findings.append(_refusal(holders, [host for host in read if host not in holders], len(disks)))
        return False, findings
    if unread:
        if len(unread) < quorum_size(len(disks)):
            findings.append(
                Finding(
                    "--limit",
                    CRITICAL,
                    ", ".join(read),
                    f"no data, and {', '.join(unread)} not in this run",
                    "all members of the ensemble in the run",
                    "Whether an ensemble may start empty can only be told when every member is looked at.",
                )
            )
        return False, findings
    if wiped and not confirmed_empty:
        findings.append(_refusal([], wiped, len(disks)))
        return False, findings
    return bool(disks), findings


def _refusal(holders: list[str], empty: list[str], size: int) -> Finding:
    kept = f"data only on {', '.join(holders)}" if holders else "no data on any member"
    return Finding(
        "zookeeper_data_dir",
        CRITICAL,
        ", ".join(empty),
        f"empty data directories and {kept}, though this ensemble has run before",
        f"data on at least {quorum_size(size)} of {size} members",
        "An empty majority would serve an empty tree and every client would lose its data. "
        "Put the disks or a backup back"
        + ("." if holders else ", or set zookeeper_bootstrap_empty=true to start an empty ensemble."),
    )
