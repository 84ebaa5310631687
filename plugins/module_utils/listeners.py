# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which processes listen on TCP ports of this host, from /proc."""

from __future__ import annotations

import contextlib
import os
import re

# Its fields are: number, local and remote address, state, queues, timer, retransmissions, user, timeout, inode.
LISTENING = re.compile(r"\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A(?: +\S+){5} +(\d+)\b", re.ASCII)
TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


def parse_listening(text: str) -> dict[str, int]:
    """Port by socket inode, for each listening socket in a table such as /proc/net/tcp."""
    lines = filter(None, map(LISTENING.match, text.splitlines()))
    return {line[2]: int(line[1], 16) for line in lines}


def listeners(ports: list[int]) -> dict[int, str]:
    """Process name by port, for those of the ports on which a process listens; "unknown" when it cannot be read.

    In a container not even root can read the sockets of every process.
    """
    sockets: dict[str, int] = {}
    for table in TABLES:
        with contextlib.suppress(OSError), open(table, encoding="ascii", errors="replace") as file:
            sockets.update(parse_listening(file.read()))
    wanted = {inode: port for inode, port in sockets.items() if port in ports}
    return {port: _owner(inode) or "unknown" for inode, port in sorted(wanted.items())}


def _owner(inode: str) -> str:
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if inode in _sockets(name):
                with open(f"/proc/{name}/comm") as file:
                    return file.read().strip()
    return ""


def _sockets(pid: str) -> set[str]:
    inodes = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            match = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(f"/proc/{pid}/fd/{name}"))
            if match:
                inodes.add(match.group(1))
    return inodes
