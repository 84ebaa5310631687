# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What the log of a server that does not start says, and what to do about it. The first cause that matches counts."""

from __future__ import annotations

from ..diagnosis import Cause

CAUSES = (
    Cause(
        r"(No space left on device)",
        "a disk is full",
        "Free space on the disk of the server, then start it.",
    ),
    Cause(
        r"(Failed to merge config with .*|SAXParseException: .*|Unknown key \S+ in config.*|Unknown setting .*)",
        "its configuration is refused",
        "Correct that file, or remove it if it is not needed; `--check --diff` shows what the role would write.",
    ),
    Cause(
        r"Address already in use: (\S+:\d+)",
        "another process has its port",
        "Stop that process, or set another port for the replica.",
    ),
    Cause(
        r"(?:No node, path: |Can't get data for node '?)([^\s',]+)",
        "znodes of this replica are gone",
        "See docs/operating.md, A replica whose znodes are gone; do not delete its data.",
    ),
    Cause(
        r"(All connection tries failed while connecting to ZooKeeper|Coordination::Exception: Connection loss.*)",
        "the ensemble does not answer it",
        "Bring the ensemble back; the server then starts by itself.",
    ),
    Cause(
        r"(Effective user of the process .* does not match the owner of the data.*|\S+: Permission denied)",
        "it may not read its files",
        "Give its files back to the user of the service.",
    ),
)
