# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Waits until a replica that drains has no open query, or until it takes queries again."""

from __future__ import annotations

import time
from typing import Any

from ..clickhouse.http import ClickHouseError, Server
from .local_files import LocalFiles
from .settings import Settings
from .states import DOWN, DRAINING, UP

# Exit codes: the time is over, no agent runs.
NOT_YET, UNKNOWN = 1, 2
# Seconds after which all balancers know a state: they ask once a second, and may have asked just before.
SPREAD = 3.0
# Queries of clients, without this one. Those of other replicas, which send them for their own clients, go on.
OPEN = "SELECT count() AS open FROM system.processes WHERE is_initial_query AND NOT (query LIKE '%zoohouse-agent%')"
UNLOGGED = {"log_queries": 0}
PAUSE = 0.2


class WaitError(Exception):
    """What was waited for did not happen; the text says why. code: the exit code."""

    def __init__(self, text: str, code: int = NOT_YET) -> None:
        super().__init__(text)
        self.code = code


def running_status(settings: Settings, files: LocalFiles) -> dict[str, Any]:
    """What the agent says. Raises WaitError when none runs."""
    status = files.status()
    # A look may take the timeout, and the next one comes after the interval.
    if not status or time.time() - status["checked"] > 3 * (settings.interval + settings.timeout):
        raise WaitError("no agent runs", UNKNOWN)
    return status


def wait_until_idle(settings: Settings, files: LocalFiles, seconds: float) -> int:
    """Until all balancers know that the replica drains, and no query is open. Raises WaitError."""
    server = Server(
        settings.login_host, settings.ports["http"], settings.login_user, settings.login_password, settings.timeout
    )
    begin, known = time.monotonic(), float("inf")
    problem = "the agent has not noticed"
    while time.monotonic() - begin < seconds:
        state = running_status(settings, files)["state"]
        if state == DOWN:
            return 0
        if state == DRAINING:
            known = min(known, time.monotonic())
            problem = _open_queries(server)
        if not problem and time.monotonic() - known >= SPREAD:
            return 0
        time.sleep(PAUSE)
    raise WaitError(f"after {seconds:g} s: {problem or 'balancers may not know yet'}")


def wait_until_up(settings: Settings, files: LocalFiles, seconds: float) -> int:
    """Until the replica takes queries, and balancers know. One that somebody else drains stays so. Raises WaitError."""
    begin, known = time.monotonic(), float("inf")
    status: dict[str, Any] = {}
    while time.monotonic() - begin < seconds:
        status = running_status(settings, files)
        if status["state"] == DRAINING and files.draining():
            return 0
        known = min(known, time.monotonic()) if status["state"] == UP else float("inf")
        if time.monotonic() - known >= SPREAD:
            return 0
        time.sleep(PAUSE)
    raise WaitError(f"after {seconds:g} s: {status.get('state')} ({status.get('reason')})")


def _open_queries(server: Server) -> str:
    """What is still open; empty for nothing."""
    try:
        number = int(server.rows(OPEN, UNLOGGED)[0]["open"])
    except (ClickHouseError, LookupError, TypeError, ValueError) as error:
        return str(error)
    return f"{number} open queries" if number else ""
