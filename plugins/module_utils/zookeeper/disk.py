# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What the data directories of a member hold. Raises OSError for anything that cannot be read."""

from __future__ import annotations

import os

# Snapshots of the empty tree: taken at the first start, and copied by a follower before the first transaction.
EMPTY_SNAPSHOTS = ("snapshot.0", "snapshot.100000000")


def names_below(directory: str) -> set[str]:
    try:
        return set(os.listdir(os.path.join(directory, "version-2")))
    except FileNotFoundError:
        # Only a missing directory is empty: a disk that cannot be read must not look like an empty one.
        return set()


def holds_data(files: list[str]) -> bool:
    """Whether version-2 holds committed data: a transaction log, or a snapshot of more than the empty tree."""
    return any(
        name.startswith("log.") or (name.startswith("snapshot.") and name not in EMPTY_SNAPSHOTS) for name in files
    )


def exists(path: str) -> bool:
    try:
        os.stat(path)
    except FileNotFoundError:
        return False
    return True


def read_text(path: str) -> str:
    """Content of a file; empty when it does not exist."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def read_myid(directory: str) -> int | None:
    text = read_text(os.path.join(directory, "myid")).strip()
    return int(text) if text.isascii() and text.isdigit() else None


def read_disk(data_dir: str, data_log_dir: str, bootstrap_record: str) -> dict:
    """Input of check_bootstrap. ZooKeeper looks for `initialize` beside the transaction logs (FileTxnSnapLog)."""
    return {
        "files": sorted(names_below(data_dir) | names_below(data_log_dir)),
        "myid": read_myid(data_dir),
        "initialize": exists(os.path.join(data_log_dir, "initialize")),
        "bootstrapped": exists(bootstrap_record),
    }
