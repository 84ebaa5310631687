# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What only the host of a replica knows: its disk, its detached parts, its queues, and why it does not run."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from ..diagnosis import Run, explain, read_unit
from ..findings import Finding
from ..limits import Limits, check_limit
from .causes import CAUSES
from .deployed import read_all_queues
from .server_config import data_path, read_config

UNIT = "clickhouse-server.service"
ERROR_LOG = "/var/log/clickhouse-server/clickhouse-server.err.log"


def read_local(config_dir: str) -> dict[str, Any]:
    """Figures of the host: used_percent, disk_free_bytes, disk_total_bytes, detached_parts, queues, and broken.

    broken: number of blocks that each Distributed table has given up. config_dir: directory of config.xml.
    """
    path = data_path(read_config(os.path.join(config_dir, "config.xml")))
    figures: dict[str, Any] = {"queues": read_all_queues(config_dir), "detached_parts": _detached(path)}
    figures["broken"] = read_broken(path)
    try:
        disk = os.statvfs(path)
    except OSError:
        return figures
    total, free = disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize
    used = round(100 * (1 - free / total), 1) if total else None
    return {**figures, "used_percent": used, "disk_free_bytes": free, "disk_total_bytes": total}


def _detached(path: str) -> int:
    """Parts that were set aside. `attaching_` and similar prefixes name parts that an operator is working on."""
    return len(glob.glob(os.path.join(glob.escape(path), "data", "*", "*", "detached", "*")))


def read_broken(path: str) -> dict[str, int]:
    """Blocks that Distributed tables have given up, by table. path: the data directory."""
    broken: dict[str, int] = {}
    for directory in glob.glob(os.path.join(glob.escape(path), "data", "*", "*", "*", "broken")):
        # The directory above it is the queue of one shard.
        database, table = (unquote(name) for name in directory.split(os.sep)[-4:-2])
        count = len(glob.glob(os.path.join(glob.escape(directory), "*.bin")))
        broken[f"{database}.{table}"] = broken.get(f"{database}.{table}", 0) + count
    return broken


def check_local(host: str, figures: Mapping[str, Any], limits: Limits) -> list[Finding]:
    """The disk has room, no part was set aside, and Distributed tables send what they acknowledged."""
    findings = check_limit(limits, "disk_used", host, figures.get("used_percent"))
    findings += check_limit(limits, "disk_full", host, figures.get("used_percent"))
    findings += check_limit(limits, "detached_parts", host, figures.get("detached_parts"))
    for queue in figures.get("queues") or ():
        subject = f"{host} {queue['table']} for {', '.join(queue['endpoints'])}"
        findings += check_limit(limits, "distributed_queue", subject, queue["files"])
        findings += check_limit(limits, "distributed_age", subject, queue["age"])
    for table, blocks in (figures.get("broken") or {}).items():
        findings += check_limit(limits, "distributed_broken", f"{host} {table}", blocks)
    return findings


def without_repeated(findings: Iterable[Finding]) -> list[Finding]:
    """The server and its host know some of the figures both: the first finding of a check about a subject counts."""
    first: dict[tuple[str, str], Finding] = {}
    both = ("disk_used", "disk_full", "detached_parts", "distributed_broken")
    return [
        finding
        for finding in findings
        if finding.check not in both or first.setdefault((finding.check, finding.subject), finding) is finding
    ]


def explain_down(run: Run, findings: Iterable[Finding], config_dir: str, port: int) -> list[Finding]:
    """The findings; those of a server that does not answer name the cause, as far as its host knows it."""
    findings = list(findings)
    if not any(finding.check == "ping" and finding.hint for finding in findings):
        return findings
    config = read_config(os.path.join(config_dir, "config.xml"))
    log = ((config.findtext("logger/errorlog") if config is not None else "") or ERROR_LOG).strip()
    status = read_unit(run, UNIT, log, [port], [data_path(config), os.path.dirname(log)])
    return [
        explain(finding, status, CAUSES) if finding.check == "ping" and finding.hint else finding
        for finding in findings
    ]
