# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What the log of a member that does not serve says, and what to do about it. The first cause that matches counts."""

from __future__ import annotations

from ..diagnosis import Cause

CAUSES = (
    Cause(r"(No space left on device)", "a disk is full", "Free space on the disk of the member, then start it."),
    Cause(
        r"(?:Invalid config, exiting abnormally|ConfigException: (Error processing .*|.*))",
        "its configuration is refused",
        "Correct zoo.cfg; `--check --diff` shows what the role would write.",
    ),
    Cause(
        r"(?:BindException: Address already in use|Address already in use)",
        "another process has its port",
        "Stop that process, or set another port for the member.",
    ),
    Cause(
        r"BindException: Cannot assign requested address",
        "its host does not have an address that it should listen on",
        "Correct myid and zoo.cfg: the server line with the id in myid names this host.",
    ),
    Cause(r"(OutOfMemoryError.*)", "its heap is too small", "Set zookeeper_heap_mb to a larger value."),
    Cause(
        r"(?:Unable to load database on disk|(Unreasonable length .*|CRC check failed.*))",
        "its data cannot be read",
        "If the other members have their quorum, move its data aside and start it: it copies the leader's data.",
    ),
)
