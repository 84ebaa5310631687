# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Facts about the host that the module runs on, with the standard library alone."""

from __future__ import annotations

import os
import pwd
import socket


def distribution(text: str) -> str:
    fields = dict(line.partition("=")[::2] for line in text.splitlines())
    return "-".join(fields.get(name, "").strip("\"'") for name in ("ID", "VERSION_ID"))


def hosts_file(text: str, names: list[str], marker: str) -> dict[str, list[str]]:
    """Addresses by name, except for the lines between the markers."""
    found: dict[str, list[str]] = {name: [] for name in names}
    managed = False
    for line in text.splitlines():
        if line.startswith("#") and marker in line:
            managed = "BEGIN" in line
            continue
        address, *aliases = line.partition("#")[0].split() or [""]
        for name in found if not managed else ():
            if name in aliases:
                found[name].append(address)
    return found


def resolve(name: str) -> list[str]:
    try:
        return sorted({str(answer[4][0]) for answer in socket.getaddrinfo(name, None)})
    except (OSError, UnicodeError):
        return []


def is_own(address: str) -> bool:
    """Whether an interface of this host has the address, that is, whether a socket can be bound to it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        # A kernel without IPv6 cannot create the socket.
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except (OSError, UnicodeError):
        return False
    return True


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def read_sysctl(name: str, wanted: object) -> dict:
    path = os.path.join("/proc/sys", name.replace(".", "/"))
    try:
        with open(path) as setting:
            value = " ".join(setting.read().split())
        # In a container /proc/sys is mounted read-only, whatever the file mode is.
        writable = os.access(path, os.W_OK) and not os.statvfs(path).f_flag & os.ST_RDONLY
    except OSError:
        return {"value": None, "differs": True, "writable": False}
    return {"value": value, "differs": value != " ".join(str(wanted).split()), "writable": bool(writable)}


def memory_mb(meminfo: str, limits: tuple[str, ...] = ()) -> int:
    """Memory in MiB: that of the kernel, or a lower limit of the control group; 0 if unknown.

    limits: content of memory.max (version 2) and memory.limit_in_bytes (version 1); other text means no limit.
    """
    total = next((line.split()[1] for line in meminfo.splitlines() if line.startswith("MemTotal:")), "0")
    known = [int(total) * 1024, *(int(limit) for limit in limits if limit.strip().isdigit())]
    return min(known) // (1 << 20)


def read_text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
