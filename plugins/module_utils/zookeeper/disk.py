# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What a member's data directories hold. Raises OSError for anything that cannot be read."""

from __future__ import annotations

import os


def names_below(directory: str) -> set[str]:
    try:
        return set(os.listdir(os.path.join(directory, "version-2")))
    except FileNotFoundError:
        # Only a missing directory is empty: a disk that cannot be read must not look like an empty one.
        return set()


def exists(path: str) -> bool:
    try:
        os.stat(path)
    except FileNotFoundError:
        return False
    return True


def read_myid(directory: str) -> int | None:
    try:
        with open(os.path.join(directory, "myid"), encoding="ascii", errors="replace") as file:
            text = file.read().strip()
    except FileNotFoundError:
        return None
    return int(text) if text.isdigit() else None


def read_disk(data_dir: str, data_log_dir: str, bootstrap_record: str) -> dict:
    """Input of check_bootstrap. ZooKeeper looks for `initialize` beside the transaction logs (FileTxnSnapLog)."""
    return {
        "files": sorted(names_below(data_dir) | names_below(data_log_dir)),
        "myid": read_myid(data_dir),
        "initialize": exists(os.path.join(data_log_dir, "initialize")),
        "bootstrapped": exists(bootstrap_record),
    }
