# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The command zoohouse-agent: runs the agent, drains the replica, shows its status."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import re
import sys

from .agent import Agent
from .local_files import OPERATOR, LocalFiles
from .registrar import KazooClient
from .settings import CONFIG, Settings, SettingsError, parse_settings
from .states import UP
from .waiting import UNKNOWN, WaitError, running_status, wait_until_idle, wait_until_up

# Other exit codes of status: the replica takes queries, it takes none.
TAKES_QUERIES, TAKES_NONE = 0, 1


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="zoohouse-agent", description="Registers this replica in ZooKeeper.")
    parser.add_argument("--config", default=CONFIG, help="file of settings, by default %(default)s")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("run", help="run in the foreground; the service does this")
    drain = verbs.add_parser("drain", help="take no new queries")
    drain.add_argument("--keep", action="store_true", help="also after a restart of the agent or the host")
    drain.add_argument("--for", dest="seconds", type=float, default=0.0, help="seconds until it ends by itself")
    undrain = verbs.add_parser("undrain", help="take queries again")
    for verb, default, what in ((drain, OPERATOR, "no query is open"), (undrain, "", "it takes queries")):
        verb.add_argument("--owner", type=_owner, default=default, help="who asks for it; each one ends only its own")
        verb.add_argument("--wait", type=float, default=0.0, help=f"seconds to wait until {what}; exit code 1: not yet")
    verbs.add_parser("status", help="exit code 0: takes queries, 1: takes none, 2: no agent runs")
    options = parser.parse_args(arguments)
    try:
        with open(options.config, encoding="utf-8") as file:
            settings = parse_settings(file.read())
        return VERBS[options.verb](settings, options)
    except WaitError as error:
        _say(str(error))
        return error.code
    except (OSError, SettingsError) as error:
        place = f"{options.config}: " if isinstance(error, SettingsError) else ""
        _say(f"{place}{error}")
        return UNKNOWN


def _say(text: str) -> None:
    sys.stderr.write(f"zoohouse-agent: {text}\n")


def _run(settings: Settings, _options: argparse.Namespace) -> int:
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s", level=logging.INFO)
    # It reports each attempt to connect; the agent reports what becomes of them.
    logging.getLogger("kazoo").setLevel(logging.CRITICAL)
    if KazooClient is None:
        _say("Python has no module kazoo; install python3-kazoo")
        return UNKNOWN
    asyncio.run(_agent(settings))
    return 0


async def _agent(settings: Settings) -> None:
    await Agent(settings).run()


def _owner(text: str) -> str:
    # Empty: the default of undrain.
    if not re.fullmatch(r"[a-z0-9_]*", text):
        raise argparse.ArgumentTypeError("expected lower-case letters, digits and _")
    return text


def _drain(settings: Settings, options: argparse.Namespace) -> int:
    files = LocalFiles(settings)
    if not options.keep and not files.status():
        _say("the agent does not run; --keep drains the replica once it does")
        return UNKNOWN
    files.drain(options.keep, options.owner, options.seconds)
    return wait_until_idle(settings, files, options.wait) if options.wait else 0


def _undrain(settings: Settings, options: argparse.Namespace) -> int:
    files = LocalFiles(settings)
    files.undrain(options.owner)
    return wait_until_up(settings, files, options.wait) if options.wait else 0


def _status(settings: Settings, _options: argparse.Namespace) -> int:
    status = running_status(settings, LocalFiles(settings))
    sys.stdout.write(json.dumps(status, indent=1) + "\n")
    return TAKES_QUERIES if status["state"] == UP else TAKES_NONE


VERBS = {"run": _run, "drain": _drain, "undrain": _undrain, "status": _status}
