# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What is installed of ClickHouse on this host, by packages or from archives."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import asdict
from typing import Any

from ..packages import read_packages

# Archives put the server there; packages of a distribution may have it elsewhere.
PROGRAM = "/usr/bin/clickhouse-server"
PRINTED_VERSION = re.compile(r"\bversion (\d+(?:\.\w+)+)")
UNKNOWN = "unknown"


def read_installed(module, packages: list[str], files: list[str], program: str = PROGRAM) -> dict[str, Any]:
    """Packages, the version of a server that no package has installed, and the hashes of files."""
    found = read_packages(module, packages)
    packaged = any(found[name].version for name in found if name.startswith("clickhouse-"))
    return {
        "packages": {name: asdict(package) for name, package in found.items()},
        "architecture": _architecture(module) if packages else "",
        "archive_version": "" if packaged or not packages else _version(module, program),
        "files": {path: _digest(path) for path in files},
    }


def _architecture(module) -> str:
    return module.run_command(["dpkg", "--print-architecture"])[1].strip()


def _version(module, program: str) -> str:
    if not os.path.exists(program):
        return ""
    match = PRINTED_VERSION.search(module.run_command([program, "--version"])[1])
    return match[1] if match else UNKNOWN


def _digest(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except FileNotFoundError:
        return None
