# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether an ensemble may be bootstrapped, that is, start with an empty tree. Pure."""

from __future__ import annotations

from ..findings import Finding, validation_error
from .disk import holds_data
from .voters import quorum_size

# Modes of members that are part of a quorum.
SERVING = ("leader", "follower", "observer")


def check_bootstrap(disks: dict[str, dict | None], ids: dict[str, int], force: bool) -> tuple[bool, list[Finding]]:
    """(whether the ensemble may be bootstrapped, validation errors).

    disks: what zookeeper_member_info returned, by member; None when it was not read in this run.
    ids: id in the inventory, by member.
    force: the operator confirms that all data is lost and wants an empty ensemble (zookeeper_force_bootstrap).
    """
    read = {host: disk for host, disk in disks.items() if disk is not None and "files" in disk}
    unread = [host for host in disks if host not in read]
    errors = _check_ids(read, ids)
    if any((disk.get("deployed") or {}).get("mode") in SERVING for disk in read.values()):
        # What a running ensemble serves counts before what its files look like; an empty member copies it.
        return False, errors
    holders = [host for host, disk in read.items() if holds_data(disk["files"])]
    if holders:
        # A minority of empty members copies from the others; an empty majority would elect an empty tree.
        if len(holders) + len(unread) < quorum_size(len(disks)):
            errors.append(_lost_data(holders, [host for host in read if host not in holders], len(disks)))
        return False, errors
    if unread:
        if len(unread) < quorum_size(len(disks)):
            errors.append(
                validation_error(
                    "--limit",
                    ", ".join(read),
                    f"no data, and {', '.join(unread)} not in this run",
                    "all members of the ensemble in the run",
                    "Only when all members are read can the role know that an ensemble is new.",
                )
            )
        return False, errors
    wiped = [host for host, disk in read.items() if disk["bootstrapped"]]
    if wiped and not force:
        errors.append(_lost_data([], wiped, len(disks)))
        return False, errors
    return bool(disks), errors


def _check_ids(disks: dict[str, dict], ids: dict[str, int]) -> list[Finding]:
    return [
        validation_error(
            "zookeeper_id",
            host,
            f"{ids[host]}, but its data directory belongs to id {disk['myid']}",
            f"{disk['myid']}",
            "An id stays with its data. Set the old id again, or remove the member and add it as a new one.",
        )
        for host, disk in disks.items()
        if disk["myid"] is not None and holds_data(disk["files"]) and disk["myid"] != ids[host]
    ]


def _lost_data(holders: list[str], empty: list[str], size: int) -> Finding:
    remaining = f"data only on {', '.join(holders)}" if holders else "no data on any member"
    return validation_error(
        "zookeeper_data_dir",
        ", ".join(empty),
        f"empty data directories and {remaining}, although this ensemble has run before",
        f"data on at least {quorum_size(size)} of {size} members",
        "An empty majority would serve an empty tree, and every client would lose its data. "
        "Restore the disks or a backup"
        + ("." if holders else ", or set zookeeper_force_bootstrap=true to start an empty ensemble."),
    )
