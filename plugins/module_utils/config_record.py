# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What is recorded about the files of a service: which of them it has not read yet, and what they were before."""

from __future__ import annotations

import json
import os

from .config_backup import Backup, write_file

RECORDS = "/var/lib/zoohouse"
# States in which systemd does not start a unit again.
SYSTEMD = "/etc/systemd/"
RUNNING = ("active", "activating", "reloading")
# Before the invocation that has to reload a file by itself, and has not been seen doing it.
RELOAD = "reload:"


def record_path(name: str) -> str:
    return os.path.join(RECORDS, f"{name}.json")


def read_record(name: str) -> dict[str, str]:
    """Invocation id of the service, by file, when the file was written; empty when the service has read it.

    It has the prefix RELOAD when the service takes the file over without a restart.
    """
    try:
        with open(record_path(name), encoding="utf-8") as file:
            return json.load(file)
    except (FileNotFoundError, ValueError):
        return {}


def backup_of(name: str) -> Backup:
    """The files of this name before their last change, until the service is healthy with the new ones."""
    return Backup(os.path.join(RECORDS, f"{name}.previous.json"))


def put_back(module, name: str) -> list[str]:
    """Writes the files of this name as they were before their last change, so that nothing is pending. Returns them."""
    paths = backup_of(name).put_back()
    record = dict.fromkeys(read_record(name), "")
    if paths:
        write_file(record_path(name), f"{json.dumps(record, indent=1, sort_keys=True)}\n".encode(), 0o600)
    if any(path.startswith(SYSTEMD) for path in paths):
        module.run_command(["systemctl", "daemon-reload"], check_rc=True)
    return paths


def read_unit(module, service: str) -> dict[str, str]:
    """Properties of a systemd unit; empty without a unit."""
    if not service:
        return {}
    names = "ActiveState,InvocationID,NeedDaemonReload,UnitFileState"
    _rc, out, _err = module.run_command(["systemctl", "show", f"--property={names}", service])
    return dict(line.partition("=")[::2] for line in out.splitlines())


def running_invocation(unit: dict[str, str]) -> str:
    return unit.get("InvocationID", "") if unit.get("ActiveState") in RUNNING else ""


def restart_pending(module, name: str, service: str) -> bool:
    """Whether files of this name wait for a restart of the service, or the service does not run."""
    invocation = running_invocation(read_unit(module, service))
    return not invocation or invocation in read_record(name).values()


def unread_files(module, name: str, service: str) -> bool:
    """Whether the service runs and has not read all files of this name."""
    invocation = running_invocation(read_unit(module, service))
    return bool(invocation) and invocation in read_record(name).values()


def unconfirmed_files(module, name: str, service: str) -> bool:
    """Whether the service runs, waits for no restart, and nobody has seen yet that it has reloaded its files."""
    invocation, record = running_invocation(read_unit(module, service)), read_record(name).values()
    return bool(invocation) and invocation not in record and f"{RELOAD}{invocation}" in record


def confirm(name: str) -> None:
    """Records that the service has reloaded all files of this name: what was there before is not needed any more."""
    record = {path: "" if value.startswith(RELOAD) else value for path, value in read_record(name).items()}
    write_file(record_path(name), f"{json.dumps(record, indent=1, sort_keys=True)}\n".encode(), 0o600)
    backup_of(name).discard()
