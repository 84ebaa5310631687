# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads the entries of a cluster, and wakes its reader when they change."""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Callable
from typing import Any

from ..discovery.entry import Entry, EntryError, decode_at
from .settings import Settings

try:
    from kazoo.client import KazooClient
    from kazoo.exceptions import KazooException, NoNodeError
    from kazoo.handlers.threading import KazooTimeoutError
except ImportError:
    # The command reports it.
    KazooClient = None

LOG = logging.getLogger("zoohouse-balancer")


class Registry:
    """One session with the ensemble, which renews itself. wake: called from another thread when something changes."""

    def __init__(self, settings: Settings, wake: Callable[[], None]) -> None:
        self.settings, self.foreign = settings, dict[str, str]()
        self._wake = wake
        self.client = KazooClient(
            hosts=",".join(settings.zookeeper),
            timeout=settings.session_timeout,
            connection_retry={"max_tries": -1, "delay": 0.1, "max_delay": 2.0},
        )
        self.client.add_listener(self._session)

    def start(self) -> None:
        self.client.start_async()

    def stop(self) -> None:
        self.client.stop()
        self.client.close()

    def read(self) -> dict[str, Entry] | None:
        """Entries by path; None while the ensemble does not answer, which says nothing about entries."""
        if not self.client.connected:
            return None
        entries: dict[str, Entry] = {}
        foreign: dict[str, str] = {}
        try:
            for path in self._paths():
                try:
                    entries[path] = self._entry(path)
                except NoNodeError:
                    continue
                except EntryError as error:
                    foreign[path] = str(error)
        except (KazooException, KazooTimeoutError) as error:
            LOG.warning("%s: %s", self.settings.path, type(error).__name__)
            return None
        for path, reason in foreign.items():
            if self.foreign.get(path) != reason:
                LOG.warning("%s: foreign znode, ignored: %s", path, reason)
        self.foreign = foreign
        return entries

    def _paths(self) -> list[str]:
        shards = self._children(self.settings.path)
        return [path for shard in shards for path in self._children(shard)]

    def _children(self, path: str) -> list[str]:
        try:
            return [f"{path}/{name}" for name in self._wait(self.client.get_children_async(path, self._changed))]
        except NoNodeError:
            # Known as soon as it is there.
            if self._wait(self.client.exists_async(path, self._changed)):
                self._wake()
            return []

    def _entry(self, path: str) -> Entry:
        data, stat = self._wait(self.client.get_async(path, self._changed))
        entry = decode_at(path, data, self.settings.root)
        if not stat.ephemeralOwner:
            raise EntryError("a persistent znode")
        return entry

    def _changed(self, _event: Any) -> None:
        self._wake()

    def _session(self, _state: Any) -> None:
        self._wake()

    @staticmethod
    def _wait(result: Any) -> Any:
        return result.get(timeout=5.0)


def address_of(entry: Entry) -> str:
    """An address of the entry, as text; empty when its names are not known here."""
    for text in entry.addresses:
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            continue
    for text in entry.addresses:
        try:
            return str(socket.getaddrinfo(text, None, type=socket.SOCK_STREAM)[0][4][0])
        except (OSError, UnicodeError):
            continue
    return ""
