# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The agent: checks the local server, answers the balancer, and keeps the entry in the registry.

One loop with three activities that never wait for each other. What blocks runs in a thread with a deadline.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..clickhouse.http import ClickHouseError, ClickHouseTimeout, Server
from .local_files import LocalFiles
from .registrar import TAKEN, Registrar, Registration
from .settings import Settings
from .states import DOWN, DRAINING, UP, Damper, Observation, Outage, agent_check, observe

LOG = logging.getLogger("zoohouse-agent")
# Columns that every version from 18.16 on has, and that a server answers without ZooKeeper.
TABLES = "SELECT database, table, is_readonly, is_session_expired, absolute_delay FROM system.replicas"
VERSION = "SELECT version() AS version"
# They would fill the query log.
UNLOGGED = {"log_queries": 0}
# Seconds for a balancer to take its answer.
ANSWER_TIMEOUT = 2.0


class Agent:
    def __init__(self, settings: Settings) -> None:
        self.settings, self.files = settings, LocalFiles(settings)
        self.server = Server(
            settings.login_host,
            settings.ports["http"],
            settings.login_user,
            settings.login_password,
            settings.timeout,
        )
        self.registrar = Registrar(settings, self.files)
        self.damper, self.outage = Damper(settings.rise, settings.fall), Outage(settings.hold, settings.settle)
        self.registration = Registration("waiting", "not tried yet")
        self.state, self.reason, self.version = DOWN, "not checked yet", ""
        # Threads of their own, so that a server that hangs keeps no registration waiting.
        self._pools = {name: ThreadPoolExecutor(2, name) for name in ("server", "zookeeper")}

    async def run(self) -> None:
        """Until SIGTERM or SIGINT. Raises OSError when the address for the balancer cannot be had."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        # Before it listens: a balancer that is told "down" takes a healthy replica out because its agent was restarted.
        await self._check()
        port = self.settings.ports["check"]
        listener = await asyncio.start_server(self._answer, self.settings.check_address, port)
        self.registrar.start()
        tasks = [asyncio.ensure_future(item) for item in (self._check_always(), self._register_always(), stop.wait())]
        try:
            done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            listener.close()
            LOG.info("stops")
            await self._in_thread("zookeeper", self.registrar.stop)
            self.files.remove_status()
            for pool in self._pools.values():
                pool.shutdown(wait=False)

    async def _in_thread(self, pool: str, function: Callable, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pools[pool], function, *args)

    async def _check_always(self) -> None:
        while True:
            begin = time.monotonic()
            await self._check()
            self._write_status()
            await asyncio.sleep(max(0.0, begin + self.settings.interval - time.monotonic()))

    async def _register_always(self) -> None:
        while True:
            await self._register()
            await asyncio.sleep(self.settings.interval)

    async def _check(self) -> None:
        observed = await self._observe()
        now = time.monotonic()
        self.outage.note(self.registrar.connected, now)
        if self.outage.explains(self.damper.state, now):
            self.damper.state = UP
        if self.outage.holds(observed.state, self.damper.state, now):
            state, reason = self.damper.add(self.damper.state), "the ensemble is away"
        else:
            state, reason = self.damper.add(observed.state), observed.reason
        owner = self.files.draining() if state != DOWN else ""
        if owner:
            state, reason = DRAINING, f"asked for by {owner}"
        if state != self.state:
            LOG.info("state: %s, before: %s%s", state, self.state, f" ({reason})" if reason else "")
            # Details of a state that has not changed, such as the number of tables, would only change the registry.
            self.reason = reason if state != UP else ""
        self.state = state

    async def _observe(self) -> Observation:
        """One look at the server. A server that is frozen does not answer in time."""
        try:
            tables = await asyncio.wait_for(self._in_thread("server", self._ask), self.settings.timeout)
            return observe(tables, self.settings.max_delay, self.settings.ignored_tables)
        except (asyncio.TimeoutError, ClickHouseTimeout):
            # The deadline is for both queries, the one of the connection for each of them; either may be noticed first.
            return Observation(DOWN, f"no answer within {self.settings.timeout:g} s")
        except ClickHouseError as error:
            return Observation(DOWN, str(error))
        except (LookupError, TypeError, ValueError) as error:
            return Observation(DOWN, f"unexpected answer: {error!r}")

    def _ask(self) -> list[dict]:
        self.version = str(self.server.rows(VERSION, UNLOGGED)[0]["version"])
        return self.server.rows(TABLES, UNLOGGED)

    async def _register(self) -> None:
        entry = None if self.state == DOWN else self.settings.entry(self.state, self.version, self.reason)
        registration = await self._in_thread("zookeeper", self.registrar.step, entry)
        if registration != self.registration:
            level = logging.ERROR if registration.outcome == TAKEN else logging.INFO
            detail = f": {registration.detail}" if registration.detail else ""
            LOG.log(level, "%s: %s%s", self.settings.path, registration.outcome, detail)
        self.registration = registration
        self._write_status()

    async def _answer(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            writer.write(agent_check(self.state, self.settings.weight, self.reason).encode())
            await asyncio.wait_for(writer.drain(), ANSWER_TIMEOUT)
        writer.close()

    def _write_status(self) -> None:
        since = self.outage.since
        status = {
            "state": self.state,
            "reason": self.reason,
            "version": self.version,
            "path": self.settings.path,
            "registration": self.registration.outcome,
            "detail": self.registration.detail,
            "ensemble_away_seconds": 0 if since is None else round(time.monotonic() - since),
            "answer": agent_check(self.state, self.settings.weight, self.reason).strip(),
            "checked": round(time.time(), 3),
        }
        try:
            self.files.write_status(status)
        except OSError as error:
            # A full disk must not take the replica out.
            LOG.warning("status: %s", error)
