# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Why a service of this host does not answer: the state of its unit, its last errors, its disks and its ports."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .findings import CRITICAL, Finding
from .listeners import listeners

Run = Callable[[list[str]], str]
PROPERTIES = ("ActiveState", "MainPID", "SubState", "Result", "NRestarts", "ExecMainStatus", "ExecMainStartTimestamp")
# The time at the start of a line of either service.
TIME = re.compile(r"(\d{4})[.-](\d\d)[.-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
# Bytes at the end of a log that are read.
TAIL = 64 * 1024
# Bytes. With less than this free, a disk counts as full: neither service can write a file of its usual size.
FULL = 16 * 1024 * 1024
# Characters of an error that are shown.
LONGEST = 300
# Seconds before the last start of the service whose errors count, too.
LOOK_BACK = 30
# Seconds that systemctl and journalctl may take.
PATIENCE = 5


@dataclass(frozen=True)
class Cause:
    """A cause that lines of a log show. pattern: regular expression; its first group, if any, is shown."""

    pattern: str
    text: str
    hint: str


@dataclass(frozen=True)
class UnitStatus:
    """What this host knows of a service that should run.

    properties: of the unit, from systemctl show. lines: the newest lines of its log and journal since its last start,
    newest last. full: bytes that are free on each of its disks that is full, by path. ports: name of the process that
    listens on each of its ports. process: state of its main process, as ps shows it (T: stopped by a signal).
    """

    unit: str
    properties: Mapping[str, str] = field(default_factory=dict)
    lines: Sequence[str] = ()
    full: Mapping[str, int] = field(default_factory=dict)
    ports: Mapping[int, str] = field(default_factory=dict)
    process: str = ""


def runner(module: Any) -> Run:
    """Runs commands with a module; the output is empty when there is no such command, or it does not end."""

    def run(command: list[str]) -> str:
        try:
            return module.run_command(["timeout", str(PATIENCE), *command], handle_exceptions=False)[1]
        except OSError:
            return ""

    return run


def read_unit(run: Run, unit: str, log: str, ports: Sequence[int], paths: Sequence[str]) -> UnitStatus:
    """The status of a unit; what cannot be read is left out.

    run: runs a command and returns its output. log: file with its errors. ports: that it should listen on. paths:
    directories that it writes to.
    """
    shown = run(["systemctl", "show", "--timestamp=unix", f"--property={','.join(PROPERTIES)}", unit])
    properties = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    start = re.fullmatch(r"@(\d{1,12})", properties.get("ExecMainStartTimestamp", ""))
    since = int(start[1]) if start else 0
    # systemd starts it again and again: its last start may have written nothing yet.
    since -= LOOK_BACK
    journal = run(["journalctl", "--no-pager", "--output=cat", "--lines=50", f"--since=@{since}", f"--unit={unit}"])
    lines = [*_tail(log, since), *journal.splitlines()]
    process = _process_state(properties.get("MainPID", ""))
    return UnitStatus(unit, properties, lines, full_disks(paths), listeners(list(ports)), process)


def _process_state(pid: str, proc: str = "/proc") -> str:
    try:
        with open(os.path.join(proc, pid, "stat")) as file:
            return file.read().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def _tail(path: str, since: float) -> list[str]:
    """The last lines of a file that was written since a time."""
    try:
        if os.stat(path).st_mtime < since:
            return []
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL))
            return since_then(file.read().decode("utf-8", "replace").splitlines(), since)
    except OSError:
        return []


def since_then(lines: Sequence[str], since: float) -> list[str]:
    """The lines from the first one that is not older than a time. One without a time belongs to the one before it."""
    for number, line in enumerate(lines):
        match = TIME.match(line)
        if match:
            with contextlib.suppress(ValueError, OverflowError):
                # In the time zone of the host, as both services write it unless they are configured otherwise.
                written = time.mktime(time.strptime("-".join(match.groups()), "%Y-%m-%d-%H-%M-%S"))
                if written >= since:
                    return list(lines[number:])
    return []


def full_disks(paths: Sequence[str]) -> dict[str, int]:
    full = {}
    for path in paths:
        try:
            disk = os.statvfs(path)
        except OSError:
            continue
        free = disk.f_bavail * disk.f_frsize
        if free < FULL or not disk.f_favail:
            full[path] = free
    return full


def explain(finding: Finding, status: UnitStatus, causes: Sequence[Cause]) -> Finding:
    """A finding about a service that does not answer, with the state of its unit and the cause, as far as known."""
    cause, hint = _cause(status, causes)
    found = "; ".join(text for text in (finding.found, describe(status), cause) if text)
    return replace(finding, severity=CRITICAL, found=found, hint=hint or finding.hint)


def describe(status: UnitStatus) -> str:
    """The state of the unit in a few words."""
    properties = status.properties
    if not properties.get("ActiveState"):
        return ""
    text = f"{status.unit} is {properties['ActiveState']} ({properties.get('SubState', '')})"
    if properties.get("Result", "success") != "success":
        text += f", result {properties['Result']}, exit status {properties.get('ExecMainStatus', '')}"
    restarts = properties.get("NRestarts", "0")
    return text if restarts in ("", "0") else f"{text}, restarted {restarts} times by systemd"


def _cause(status: UnitStatus, causes: Sequence[Cause]) -> tuple[str, str]:
    """(cause, what to do), empty when it is not known."""
    if status.process == "T":
        pid = status.properties.get("MainPID", "")
        return "its process was stopped by a signal", f"Let it go on with `kill -CONT {pid}` on its host."
    for path, free in status.full.items():
        return f"the disk of {path} is full ({free} bytes free)", f"Free space on the disk of {path}, then start it."
    if status.properties.get("Result") == "oom-kill":
        return "the kernel killed it: out of memory", "Give the host more memory, or the service less."
    for cause in causes:
        for line in reversed(status.lines):
            match = re.search(cause.pattern, line)
            if match:
                detail = f": {match[1]}" if match.groups() and match[1] else ""
                return f"{cause.text}{detail}"[:LONGEST] + _owner(match, status), cause.hint
    errors = [line for line in status.lines if re.search(r"<(?:Error|Fatal)>|\b(?:ERROR|FATAL)\b", line)]
    return (f"last error: {errors[-1].strip()[:LONGEST]}", "") if errors else ("", "")


def _owner(match: re.Match, status: UnitStatus) -> str:
    """Who listens on the port at the end of what a cause matched."""
    port = re.search(r":(\d{1,5})$", match[0])
    process = status.ports.get(int(port[1])) if port else None
    return f" ({process})" if process else ""
