# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What a member's directories hold. Raises OSError for what cannot be read: only what is not there is empty."""

from __future__ import annotations

import os


def names_below(directory: str) -> set[str]:
    try:
        return set(os.listdir(os.path.join(directory, "version-2")))
    except FileNotFoundError:
        # Only this is empty: a disk that cannot be read must not pass for one.
        return set()


def is_there(path: str) -> bool:
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
    """What judge_bootstrap judges. ZooKeeper looks for `initialize` beside the logs (FileTxnSnapLog)."""
    return {
        "files": sorted(names_below(data_dir) | names_below(data_log_dir)),
        "myid": read_myid(data_dir),
        "initialize": is_there(os.path.join(data_log_dir, "initialize")),
        "bootstrapped": is_there(bootstrap_record),
    }
