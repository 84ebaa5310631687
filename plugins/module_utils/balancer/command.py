# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The command zoohouse-balancer: runs the updater, loads the configuration of HAProxy, shows the servers."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import re
import sys
import time

from .kept import configured_ports, contradicts
from .registry import KazooClient
from .runtime import STATISTICS, Runtime
from .settings import CONFIG, Settings, SettingsError, parse_settings
from .updater import Updater

RELOAD = ["systemctl", "reload-or-restart", "haproxy.service"]
JOURNAL = ["journalctl", "--no-pager", "--output=cat", "--unit=haproxy.service"]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="zoohouse-balancer", description="Keeps the servers of HAProxy current.")
    parser.add_argument("--config", default=CONFIG, help="file of settings, by default %(default)s")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("run", help="run in the foreground; the service does this")
    load = verbs.add_parser("load", help="reload HAProxy if it runs with another configuration")
    load.add_argument("--timeout", type=float, default=30.0, help="seconds, by default %(default)s")
    verbs.add_parser("status", help="show the updater and the servers of HAProxy")
    options = parser.parse_args(arguments)
    try:
        with open(options.config, encoding="utf-8") as file:
            settings = parse_settings(file.read())
        return VERBS[options.verb](settings, options)
    except (OSError, SettingsError) as error:
        place = f"{options.config}: " if isinstance(error, SettingsError) else ""
        sys.stderr.write(f"zoohouse-balancer: {place}{error}\n")
        return 2


def _run(settings: Settings, _options: argparse.Namespace) -> int:
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s", level=logging.INFO)
    # It reports each attempt to connect.
    logging.getLogger("kazoo").setLevel(logging.CRITICAL)
    if KazooClient is None:
        sys.stderr.write("zoohouse-balancer: Python has no module kazoo; install python3-kazoo\n")
        return 2
    Updater(settings).run()
    return 0


def _load(settings: Settings, options: argparse.Namespace) -> int:
    """Prints what it did; nothing when HAProxy runs with the file as it is."""
    with open(settings.haproxy_cfg, encoding="utf-8") as file:
        text = file.read()
    found = re.search(r"^\s*description (\w+)$", text, re.MULTILINE)
    wanted = found[1] if found else ""
    if _loaded(settings) == wanted:
        return 0
    with contextlib.suppress(FileNotFoundError), open(settings.state_file, encoding="utf-8") as file:
        # The updater may not have noticed yet.
        if contradicts(file.read(), configured_ports(text)):
            os.unlink(settings.state_file)
    begin = int(time.time())
    asyncio.run(_output(RELOAD))
    deadline = time.monotonic() + options.timeout
    while _loaded(settings) != wanted:
        if time.monotonic() > deadline:
            sys.stderr.write(f"HAProxy does not run with {settings.haproxy_cfg}{_reason(begin)}\n")
            return 1
        time.sleep(0.2)
    sys.stdout.write("loaded\n")
    return 0


def _reason(begin: int) -> str:
    """What HAProxy has reported since a time."""
    lines = asyncio.run(_output([*JOURNAL, f"--since=@{begin}"])).splitlines()
    return "".join(f"\n{line}" for line in lines if "[ALERT]" in line) or "; see journalctl -u haproxy.service"


async def _output(command: list[str]) -> str:
    try:
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    except FileNotFoundError:
        return ""
    return (await process.communicate())[0].decode("utf-8", "replace")


def _loaded(settings: Settings) -> str:
    try:
        return Runtime(settings.socket).description()
    except OSError:
        return ""


def _status(settings: Settings, _options: argparse.Namespace) -> int:
    try:
        with open(os.path.join(settings.runtime_dir, "status.json"), encoding="utf-8") as file:
            sys.stdout.write(file.read())
    except FileNotFoundError:
        sys.stdout.write("no updater runs\n")
    columns = (0, 1, 4, 17, 18)
    for line in Runtime(settings.socket).ask(STATISTICS).strip().splitlines():
        words = line.lstrip("# ").split(",")
        sys.stdout.write("  ".join(f"{words[column]:<16}" for column in columns if column < len(words)).rstrip() + "\n")
    return 0


VERBS = {"run": _run, "load": _load, "status": _status}
