# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The loop of the updater: what the registry says, applied to HAProxy, again and again.

Neither an ensemble that does not answer nor an updater that has ended takes a server out: HAProxy goes on with what it
has. A HAProxy that was restarted has lost the servers that were added, and gets them back from the last entries.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import time
from typing import Any

from ..discovery.entry import Entry
from .kept import configured_ports, kept_states
from .registry import Registry, address_of
from .runtime import STATISTICS, Runtime, parse_rows
from .servers import NAME, Key, commands, unwanted_servers, wanted_servers
from .settings import Settings

LOG = logging.getLogger("zoohouse-balancer")
# What HAProxy answers to a command that worked, besides nothing.
DONE = ("New server registered.", "Server deleted.", "IP changed", "port changed", "no need to change")


class Updater:
    def __init__(self, settings: Settings) -> None:
        self.settings, self.runtime = settings, Runtime(settings.socket)
        self._wake, self._stop = threading.Event(), threading.Event()
        self.registry = Registry(settings, self._wake.set)
        self.entries: dict[str, Entry] = {}
        self.addresses: dict[str, str] = {}
        self.known = False
        # Since when a server has no entry.
        self.missing: dict[Key, float] = {}
        self._read_at = float("-inf")
        self._problem, self._saved = "", ""

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        self.registry.start()
        while not self._stop.is_set():
            self._step()
            self._wake.wait(self.settings.interval)
        LOG.info("stops")
        self.registry.stop()

    def _end(self, *_signal: Any) -> None:
        self._stop.set()
        self._wake.set()

    def _step(self) -> None:
        now = time.monotonic()
        if self._wake.is_set() or now - self._read_at > self.settings.resync or not self.known:
            # Before it reads: what changes while it reads wakes it again.
            self._wake.clear()
            self._read(now)
        try:
            self._apply(now)
            problem = ""
        except (OSError, LookupError, ValueError) as error:
            problem = f"{self.settings.socket}: {error!r}"
        if problem != self._problem:
            LOG.log(logging.WARNING if problem else logging.INFO, problem or "HAProxy answers")
        self._problem = problem
        self._write_status()

    def _read(self, now: float) -> None:
        entries = self.registry.read()
        if entries is None:
            self.known = False
            return
        self._read_at, self.known = now, True
        for path in sorted(entries.keys() ^ self.entries.keys()):
            LOG.info("%s: %s", path, "registered" if path in entries else "no longer registered")
        self.entries = entries
        # HAProxy takes no other names.
        addresses = {path: address_of(entry) for path, entry in entries.items() if NAME.fullmatch(entry.host)}
        for path in [path for path, address in addresses.items() if not address]:
            # The last address that it had is better than none.
            addresses[path] = self.addresses.get(path, "")
            if not addresses[path]:
                LOG.warning("%s: no address for %s", path, ", ".join(entries[path].addresses))
        self.addresses = {path: address for path, address in addresses.items() if address}

    def _apply(self, now: float) -> None:
        state = self.runtime.state()
        self._save_state(state)
        rows = parse_rows(state, self.runtime.ask(STATISTICS))
        wanted = wanted_servers(self.settings, self.entries, self.addresses)
        unwanted = unwanted_servers(self.settings, wanted, rows)
        # While nobody knows what is registered, nothing becomes unwanted.
        self.missing = {key: self.missing.get(key, now) for key in unwanted} if self.known else {}
        expired = {key for key, since in self.missing.items() if now - since >= self.settings.hold}
        for command in commands(wanted, rows, expired):
            answer = " ".join(self.runtime.ask(command).split())
            failed = answer and not any(text in answer for text in DONE)
            LOG.log(logging.WARNING if failed else logging.INFO, "%s%s", command, f": {answer}" if failed else "")

    def _save_state(self, state: str) -> None:
        with open(self.settings.haproxy_cfg, encoding="utf-8") as file:
            text = kept_states(state, configured_ports(file.read()))
        if text != self._saved:
            write(self.settings.state_file, text)
        self._saved = text

    def _write_status(self) -> None:
        status = {
            "registry": self.settings.path,
            "connected": self.known,
            "entries": {path: entry.state for path, entry in sorted(self.entries.items())},
            "foreign": self.registry.foreign,
            "no_entry": sorted("/".join(key) for key in self.missing),
            "problem": self._problem,
            "checked": round(time.time(), 3),
        }
        try:
            write(os.path.join(self.settings.runtime_dir, "status.json"), json.dumps(status, indent=1) + "\n")
        except OSError as error:
            LOG.warning("status: %s", error)


def write(path: str, text: str) -> None:
    """In one step: nobody reads half a file."""
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(f"{path}.new", path)
