"""Clients that do the same all the time."""

from __future__ import annotations

import http.client
import subprocess
import threading
import time
from collections.abc import Callable

from lab import Lab, QueryError

BALANCERS = ("lb1", "lb2")
# Rows of one insert.
BLOCK = 100
# Seconds until the balancers know the state of a replica: docs/balancer.md, and a machine that runs everything.
KNOWN = 12


class Client(threading.Thread):
    """Does the same again and again, also what failed. errors: when it failed, and why. done: how often it worked."""

    def __init__(self, action: Callable[[int], None]) -> None:
        super().__init__(daemon=True)
        self._action, self._stopped = action, threading.Event()
        self.done, self.errors = 0, []

    def run(self) -> None:
        while not self._stopped.wait(0.1):
            try:
                self._action(self.done)
                self.done += 1
            except (QueryError, OSError, http.client.HTTPException, subprocess.SubprocessError) as error:
                self.errors.append((time.monotonic(), f"{type(error).__name__}: {error}"))

    def stop(self) -> None:
        self._stopped.set()
        self.join(timeout=90)


class Traffic:
    """All clients."""

    def __init__(self, clients: dict[str, Client]) -> None:
        self.clients = clients

    def errors(self, since: float = 0.0) -> list[str]:
        return [
            f"{name}: {text}"
            for name, client in self.clients.items()
            for moment, text in client.errors
            if moment >= since
        ]

    def advances(self, lab: Lab, seconds: float = 60) -> None:
        """Each client does something again."""
        before = {name: client.done for name, client in self.clients.items()}
        lab.until(
            lambda: all(client.done > before[name] + 3 for name, client in self.clients.items()),
            seconds,
            "all clients work",
        )
