# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Keeps the entry of this replica in the registry, in a session that renews itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .entry import Entry, EntryError, decode, encode
from .local_files import LocalFiles
from .settings import Settings

try:
    from kazoo.client import KazooClient
    from kazoo.exceptions import KazooException, NodeExistsError, NoNodeError
    from kazoo.handlers.threading import KazooTimeoutError
except ImportError:
    # The agent reports it when it starts; readers of this directory need no kazoo.
    KazooClient = None

# Seconds for one operation of ZooKeeper.
OPERATION_TIMEOUT = 5.0
# What became of the entry.
REGISTERED, REMOVED, WAITING, TAKEN = "registered", "not registered", "waiting", "name taken"


@dataclass(frozen=True)
class Registration:
    """What became of the entry, and why."""

    outcome: str
    detail: str = ""


class Registrar:
    """One session with the ensemble. All methods but `connected` may take several seconds."""

    def __init__(self, settings: Settings, files: LocalFiles) -> None:
        self.path, self.files = settings.path, files
        # A znode of one of them is ours, although it is not of the session that we have now.
        self.sessions = {files.last_session()} - {0}
        # It connects again for ever, with new sessions when old ones have expired.
        self.client = KazooClient(
            hosts=",".join(settings.zookeeper),
            timeout=settings.session_timeout,
            connection_retry={"max_tries": -1, "delay": 0.1, "max_delay": 2.0},
        )

    def start(self) -> None:
        self.client.start_async()

    def stop(self) -> None:
        """Removes the entry with its session."""
        self.client.stop()
        self.client.close()

    @property
    def connected(self) -> bool:
        return self.client.connected

    def step(self, entry: Entry | None) -> Registration:
        """Makes the znode what it should be; None: absent. Never raises for an ensemble that does not answer."""
        if not self.connected:
            return Registration(WAITING, "no session with the ensemble")
        try:
            return self._converge(entry)
        except KazooTimeoutError:
            return Registration(WAITING, f"the ensemble did not answer within {OPERATION_TIMEOUT:g} s")
        except KazooException as error:
            return Registration(WAITING, f"{type(error).__name__} {error}".strip())

    def _converge(self, entry: Entry | None) -> Registration:
        session = self.client.client_id[0]
        if session not in self.sessions:
            # Before the first znode: a killed agent must find its old one.
            self.files.remember_session(session)
            self.sessions.add(session)
        found = self._read()
        if found and found[1].ephemeralOwner not in self.sessions:
            if entry is None:
                return Registration(REMOVED)
            return Registration(TAKEN, _owner(*found))
        if entry is None:
            if found:
                self._wait(self.client.delete_async(self.path, version=found[1].version))
            return Registration(REMOVED)
        wanted = encode(entry)
        if found is None:
            return self._create(wanted)
        if found[1].ephemeralOwner != session:
            self._replace(wanted, found[1].version)
        elif found[0] != wanted:
            self._wait(self.client.set_async(self.path, wanted, version=found[1].version))
        return Registration(REGISTERED)

    def _read(self) -> tuple[bytes, Any] | None:
        try:
            return self._wait(self.client.get_async(self.path))
        except NoNodeError:
            return None

    def _create(self, wanted: bytes) -> Registration:
        try:
            self._wait(self.client.create_async(self.path, wanted, ephemeral=True, makepath=True))
        except NodeExistsError:
            return Registration(TAKEN, "somebody else has registered it just now")
        return Registration(REGISTERED)

    def _replace(self, wanted: bytes, version: int) -> None:
        """The znode of an earlier session becomes one of this session, without a moment without it."""
        transaction = self.client.transaction()
        transaction.delete(self.path, version=version)
        transaction.create(self.path, wanted, ephemeral=True)
        for result in self._wait(transaction.commit_async()):
            if isinstance(result, Exception):
                raise result

    @staticmethod
    def _wait(result: Any) -> Any:
        return result.get(timeout=OPERATION_TIMEOUT)


def _owner(data: bytes, stat: Any) -> str:
    """Who has the name, for the log."""
    if not stat.ephemeralOwner:
        return "a persistent znode that no agent writes"
    session = f"session {stat.ephemeralOwner & (1 << 64) - 1:#x}"
    try:
        return f"{decode(data).host}, {session}"
    except EntryError as error:
        return f"a znode of another program ({error}), {session}"
