# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A lock in the ensemble that names its holder and ends with its session."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from .znode import make_client

try:
    from kazoo.exceptions import KazooException, LockTimeout
    from kazoo.handlers.threading import KazooTimeoutError
except ImportError:
    # The modules report it, with KAZOO_ERROR of znode.py.
    pass

# One for both services, because a replica must not restart while a member does.
RESTART_LOCK = "/zoohouse/locks/restart"
# Seconds until the lock of a killed process ends. An election must be shorter, so that a restart of the leader does not
# end the lock.
SESSION_TIMEOUT = 30.0


class LockError(Exception):
    """The lock was not acquired; the text says why."""


@contextmanager
def held_lock(
    endpoints: list[tuple[str, int]], holder: str, timeout: float, path: str = RESTART_LOCK
) -> Iterator[None]:
    """Holds the lock for the duration of the block. Raises LockError when it is not free within `timeout` seconds.

    endpoints: members to connect to. holder: what others read while the lock is held.
    """
    deadline = time.monotonic() + timeout
    client = make_client(endpoints, SESSION_TIMEOUT)
    try:
        _acquire(client, holder, deadline, path)
        yield
    finally:
        # Closing the session removes the lock.
        client.stop()
        client.close()


def _acquire(client, holder: str, deadline: float, path: str) -> None:
    try:
        client.start(timeout=max(1.0, deadline - time.monotonic()))
        lock = client.Lock(path, identifier=holder)
        try:
            lock.acquire(timeout=max(1.0, deadline - time.monotonic()))
        except LockTimeout as error:
            holders = lock.contenders()
            raise LockError(f"The lock {path} is held by {holders[0] if holders else 'nobody any more'}.") from error
    except KazooTimeoutError as error:
        raise LockError(f"The lock {path} needs a session, and no member is serving.") from error
    except KazooException as error:
        raise LockError(f"The lock {path}: {type(error).__name__} {error}") from error
