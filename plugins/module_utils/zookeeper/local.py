# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What only the host of a member knows: its memory, its disks, its zoo.cfg, and why it does not run."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ..diagnosis import Run, explain, read_unit
from ..findings import CRITICAL, OK, WARNING, Finding
from ..limits import Limits, check_limit
from ..listeners import listeners
from .causes import CAUSES
from .deployed import UNIT, find_process
from .disk import names_below, read_myid, read_text
from .membership import parse_servers, server_lines, voting
from .status import MemberStatus
from .words import parse_conf

LOG = "/var/log/zookeeper/zookeeper.log"
# Keys that `conf` prints, and that a member reads from zoo.cfg only when it starts.
AT_START = (
    *("clientPort", "tickTime", "maxClientCnxns", "minSessionTimeout", "maxSessionTimeout", "initLimit", "syncLimit"),
    *("dataDir", "dataLogDir"),
)
# KiB; the default of ZooKeeper.
PRE_ALLOC_SIZE = 65536
# Where the AdminServer listens unless it is told otherwise; a process in a container may have no name that can be read.
ADMIN = {"enableServer": "true", "serverAddress": "0.0.0.0", "serverPort": "8080"}
JAVA = ("java", "unknown")
LOOPBACK = re.compile(r"127\.[\d.]+|localhost|\[?::1\]?")
# Figures that are compared with a limit of the same name.
FIGURES = ("swap", "disk_used", "disk_reserve", "disk_full", "purge_interval", "purge_retain")


def read_local(config_dir: str, proc: str = "/proc") -> dict[str, Any]:
    """Figures of this host by the name of their check; those that cannot be read are left out.

    config_dir: directory of zoo.cfg. `server_id` is the number in myid, `devices` are the numbers of the devices of
    dataDir and dataLogDir, `admin` is the address and the port of the AdminServer, if one listens.
    """
    settings = read_settings(config_dir)
    figures: dict[str, Any] = {"settings": settings}
    directories = [settings[key] for key in ("dataDir", "dataLogDir") if settings.get(key)]
    figures.update(_disk_figures(directories, _whole(settings.get("preAllocSize"), PRE_ALLOC_SIZE) * 1024))
    if settings:
        figures["purge_interval"] = _whole(settings.get("autopurge.purgeInterval"), 0)
        # Fewer than 3 are not possible: ZooKeeper then keeps 3.
        figures["purge_retain"] = max(_whole(settings.get("autopurge.snapRetainCount"), 3), 3)
        figures["server_id"] = _read_id(settings.get("dataDir", ""))
    process = find_process(proc)
    status = _read(os.path.join(proc, str(process[0]), "status")) if process else ""
    swap = re.search(r"^VmSwap:\s*(\d+) kB", status, re.M)
    if swap:
        figures["swap"] = int(swap[1]) / 1024
    if settings and process:
        arguments = _read(os.path.join(proc, str(process[0]), "cmdline")).split("\0")
        figures["admin"] = _admin_server(settings, arguments)
    return figures


def _admin_server(settings: Mapping[str, str], arguments: list[str]) -> tuple[str, int] | None:
    """Address and port of the AdminServer; None when none listens. A key of zoo.cfg overrides the property of Java."""
    properties = dict(argument[2:].split("=", 1) for argument in arguments if re.match(r"-D[^=]+=", argument))
    chosen = {
        key: settings.get(f"admin.{key}") or properties.get(f"zookeeper.admin.{key}") or default
        for key, default in ADMIN.items()
    }
    port = _whole(chosen["serverPort"], 0)
    # Without its library a member has none, whatever it is told.
    if chosen["enableServer"].strip().lower() == "false" or listeners([port]).get(port) not in JAVA:
        return None
    return chosen["serverAddress"], port


def read_settings(config_dir: str) -> dict[str, str]:
    return parse_conf(_read(os.path.join(config_dir, "zoo.cfg")))


def _read_id(data_dir: str) -> int | None:
    try:
        return read_myid(data_dir) if data_dir else None
    except OSError:
        return None


def _read(path: str) -> str:
    try:
        return read_text(path)
    except OSError:
        return ""


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch(r"\d{1,12}", text) else default


def _disk_figures(directories: list[str], reserve: int) -> dict[str, Any]:
    """The fullest disk of the directories. reserve: bytes by which a transaction log grows."""
    figures: dict[str, Any] = {}
    disks = {}
    for directory in directories:
        try:
            disks[directory] = (os.stat(directory).st_dev, os.statvfs(directory))
        except OSError:
            continue
    for _device, disk in disks.values():
        free = disk.f_bavail * disk.f_frsize
        used = 100 * (1 - disk.f_bavail / disk.f_blocks) if disk.f_blocks else 0
        figures["disk_used"] = max(figures.get("disk_used", 0), used)
        figures["disk_free_bytes"] = min(figures.get("disk_free_bytes", free), free)
    if disks:
        needed = _largest_snapshot(directories[0]) + reserve
        figures["disk_reserve"] = figures["disk_full"] = figures["disk_free_bytes"] / needed if needed else None
    if len(disks) == 2:
        figures["devices"] = [device for device, _disk in disks.values()]
    return figures


def _largest_snapshot(data_dir: str) -> int:
    sizes = [0]
    try:
        names = [name for name in names_below(data_dir) if name.startswith("snapshot.")]
    except OSError:
        return 0
    for name in names:
        try:
            sizes.append(os.stat(os.path.join(data_dir, "version-2", name)).st_size)
        except OSError:
            # Purged in the meantime.
            continue
    return max(sizes)


def check_local(
    host: str,
    figures: Mapping[str, Any],
    status: MemberStatus | None,
    limits: Limits,
    expected_id: int | None = None,
) -> list[Finding]:
    """The member has its id, room on its disks and in memory, removes old snapshots, and runs with its zoo.cfg.

    expected_id: the id that the inventory gives it.
    """
    findings = _check_id(host, figures.get("server_id"), expected_id)
    for name in FIGURES:
        findings += check_limit(limits, name, host, figures.get(name))
    findings += _check_devices(host, figures.get("devices"))
    findings += _check_admin_server(host, figures.get("admin"))
    if status and status.serving and figures.get("settings"):
        findings.append(_check_running_config(status, figures["settings"]))
    return [finding for finding in findings if finding.check in limits]


def _check_id(host: str, found: int | None, expected: int | None) -> list[Finding]:
    """The data directory has the id of this member; with that of another one there would be two of them."""
    if found is None or expected is None:
        return []
    if found == expected:
        return [Finding("server_id", OK, host, f"id {found}", f"id {expected}")]
    hint = (
        f"If somebody changed myid, write {expected} into it on {host} and start the member. If dataDir is that of "
        "another member, restore the one of this host: a member never runs on the data of another id."
    )
    return [Finding("server_id", CRITICAL, host, f"id {found} in myid", f"id {expected}, as in the inventory", hint)]


def _check_devices(host: str, devices: list[int] | None) -> list[Finding]:
    if not devices:
        return []
    if len(set(devices)) > 1:
        return [Finding("log_device", OK, host, "two devices", "two devices for dataDir and dataLogDir")]
    hint = "Put zookeeper_data_log_dir on a device of its own: every write waits until the log is on it."
    return [Finding("log_device", WARNING, host, "one device", "two devices for dataDir and dataLogDir", hint)]


def _check_admin_server(host: str, admin: tuple[str, int] | None) -> list[Finding]:
    """Only this host reaches the AdminServer: it answers anyone, and some of its commands slow the member down."""
    if not admin:
        return []
    address, port = admin
    found, expected = f"the AdminServer on {address}, port {port}", "the AdminServer on localhost, or none"
    if LOOPBACK.fullmatch(address):
        return [Finding("exposure", OK, host, found, expected)]
    hint = (
        f"Set admin.serverAddress=127.0.0.1 or admin.enableServer=false in zoo.cfg of {host} and restart it, or adopt "
        "the member with playbooks/site.yml, which starts none. If checks need it, close the port to everybody else."
    )
    return [Finding("exposure", WARNING, host, found, expected, hint)]


def _check_running_config(status: MemberStatus, settings: Mapping[str, str]) -> Finding:
    """What the member runs with is what its zoo.cfg says."""
    running = parse_conf(status.words.get("conf", ""))
    # The member appends the directory of its format.
    running = {key: value.removesuffix("/version-2") for key, value in running.items()}
    wanted = {"dataLogDir": settings.get("dataDir", ""), **settings}
    different = [
        f"{key} {running[key]}, zoo.cfg has {wanted[key]}"
        for key in AT_START
        if running.get(key) and wanted.get(key) and os.path.normpath(running[key]) != os.path.normpath(wanted[key])
    ]
    # A dynamic ensemble keeps its server lines elsewhere.
    servers = parse_servers("\n".join(f"{key}={value}" for key, value in settings.items()))
    wanted_servers = list(servers.values()) if status.full_config else voting(servers)
    if servers and status.servers and server_lines(wanted_servers) != server_lines(status.servers.values()):
        different.append("other server lines than zoo.cfg")
    hint = f"Restart {status.host}, or apply the configuration again: zoo.cfg has changed since it was started."
    return Finding(
        "running_config",
        WARNING if different else OK,
        status.host,
        "; ".join(different) or "as in zoo.cfg",
        "the settings of zoo.cfg",
        hint if different else "",
    )


def explain_down(run: Run, host: str, config_dir: str) -> Finding:
    """Why the member of this host does not serve: the state of its unit and the cause, as far as known."""
    settings = read_settings(config_dir)
    directories = [settings[key] for key in ("dataDir", "dataLogDir") if settings.get(key)]
    port = _whole(settings.get("clientPort"), 0)
    unit = read_unit(run, UNIT, LOG, [port] if port else [], [*directories, os.path.dirname(LOG)])
    hint = f"`journalctl --unit={UNIT}` and {LOG} on {host} say more."
    return explain(Finding("unit", CRITICAL, host, "not serving", "a member that serves", hint), unit, CAUSES)
