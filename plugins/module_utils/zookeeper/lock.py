# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A lock in the ensemble that names its holder and ends with its session.

Holders are a queue of ephemeral znodes, with the names of kazoo's Lock and ReadLock. One that asks for the whole lock
waits for everybody before it. One that asks for a slot waits for the whole lock, for others with its key, and while all
slots are taken.
"""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .znode import make_client

try:
    from kazoo.exceptions import ConnectionLoss, KazooException, NoNodeError
    from kazoo.handlers.threading import KazooTimeoutError
    from kazoo.retry import KazooRetry
except ImportError:
    # The modules report it, with KAZOO_ERROR of znode.py.
    pass

# One for both services, because a replica must not restart while a member does.
RESTART_LOCK = "/zoohouse/locks/restart"
# Seconds until the lock of a killed process ends. An election must be shorter, so that a restart of the leader does not
# end the lock.
SESSION_TIMEOUT = 30.0
# Seconds in which the ensemble must say that the lock is still held.
ANSWER_TIMEOUT = 10.0
AGAIN = 0.1
WHOLE, SLOT = "__lock__", "__rlock__"
# Digits of the number that ZooKeeper appends to a name.
NUMBER = 10
# Seconds after which one that waits looks again.
LOOK_AGAIN = 5.0


class LockError(Exception):
    """The lock was not acquired, or was lost; the text says why."""


@dataclass(frozen=True)
class Slot:
    """A part of the lock. key: of what must not be locked twice. slots: how many may be taken at the same time."""

    key: str
    slots: int

    @property
    def digest(self) -> str:
        """The key as a part of a name."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Lease:
    """A lock that is held. client: of its session. znode: the path that stands for it."""

    client: Any
    znode: str

    def is_held(self) -> bool:
        """Whether the lock is still held, as the ensemble says it now. Without an answer it may be somebody else's."""
        deadline = time.monotonic() + ANSWER_TIMEOUT
        while (left := deadline - time.monotonic()) > 0:
            try:
                # A member that lags could still have a znode that is gone.
                self.client.sync_async(self.znode).get(timeout=left)
                return self.client.exists_async(self.znode).get(timeout=left) is not None
            except ConnectionLoss:
                # The session may go on with another connection.
                time.sleep(AGAIN)
            except (KazooException, KazooTimeoutError):
                break
        return False


@contextmanager
def held_lock(
    endpoints: list[tuple[str, int]], holder: str, timeout: float, path: str = RESTART_LOCK, slot: Slot | None = None
) -> Iterator[Lease]:
    """Holds the lock, or a slot of it, for the duration of the block. Raises LockError when it is not free.

    endpoints: members to connect to. holder: what others read while the lock is held. timeout: seconds.
    """
    deadline = time.monotonic() + timeout
    client = make_client(endpoints, SESSION_TIMEOUT)
    try:
        yield _acquired(client, holder, deadline, path, slot)
    finally:
        # Closing the session removes the lock.
        client.stop()
        client.close()


def _acquired(client: Any, holder: str, deadline: float, path: str, slot: Slot | None) -> Lease:
    try:
        client.start(timeout=max(1.0, deadline - time.monotonic()))
        # Also without a timeout, the answers of the ensemble take a moment.
        deadline = max(deadline, time.monotonic() + 1.0)
        retry = KazooRetry(max_tries=-1, deadline=deadline - time.monotonic(), sleep_func=client.handler.sleep_func)
        prefix = f"{uuid.uuid4().hex}{f'-{slot.digest}{SLOT}' if slot else WHOLE}"
        while True:
            name = retry(_enqueue, client, path, prefix, holder)
            changed = threading.Event()
            names = retry(client.get_children, path, watch=lambda _event, event=changed: event.set())
            waits_for = predecessors(names, name, slot)
            if name in names and not waits_for:
                return Lease(client, f"{path}/{name}")
            if time.monotonic() >= deadline:
                raise LockError(f"The lock {path} is held by {_holder(client, path, waits_for)}.")
            # An event may be lost with a session.
            changed.wait(min(max(deadline - time.monotonic(), 0), LOOK_AGAIN))
    except KazooTimeoutError as error:
        raise LockError(f"The lock {path} needs a session, and no member is serving.") from error
    except KazooException as error:
        raise LockError(f"The lock {path}: {type(error).__name__} {error}") from error


def _enqueue(client: Any, path: str, prefix: str, holder: str) -> str:
    """The name of the znode in the queue; there may be one already, if the answer to an earlier request was lost."""
    client.ensure_path(path)
    own = [name for name in client.get_children(path) if name.startswith(prefix)]
    if own:
        return min(own, key=_number)
    created = client.create(f"{path}/{prefix}", holder.encode(), ephemeral=True, sequence=True)
    return created.rpartition("/")[2]


def predecessors(names: Sequence[str], own: str, slot: Slot | None) -> list[str]:
    """Whom a znode of the queue waits for, in their order; nobody, if the lock or the slot is its own. Pure."""
    earlier = sorted((name for name in names if _kind(name) and _number(name) < _number(own)), key=_number)
    if slot is None:
        return earlier
    taken = [name for name in earlier if _kind(name) == SLOT]
    same = [name for name in taken if _key(name) == slot.digest]
    # One that waits for another one of its key takes no slot of its own.
    full = len({_key(name) for name in taken}) >= slot.slots
    return [name for name in earlier if _kind(name) == WHOLE] or same or (taken if full else [])


def _kind(name: str) -> str:
    """Empty for a znode of somebody else."""
    return next((kind for kind in (WHOLE, SLOT) if name[:-NUMBER].endswith(kind) and name[-NUMBER:].isdigit()), "")


def _key(name: str) -> str:
    return name[: -NUMBER - len(SLOT)].rpartition("-")[2]


def _number(name: str) -> int:
    return int(name[-NUMBER:])


def _holder(client: Any, path: str, names: Sequence[str]) -> str:
    try:
        return client.get(f"{path}/{names[0]}")[0].decode("utf-8", "replace")
    except (IndexError, NoNodeError):
        return "nobody any more"


def is_recorded(client: Any, path: str) -> bool:
    """Whether a znode exists. Raises LockError when the ensemble does not say it."""
    return _asked(client, path, client.exists) is not None


def record(client: Any, path: str, holder: str) -> None:
    """Creates a znode that says who did what it stands for. Raises LockError when it cannot be created."""
    if not is_recorded(client, path):
        _asked(client, path, client.create, holder.encode(), makepath=True)


def _asked(client: Any, path: str, request: Any, *args: Any, **options: Any) -> Any:
    try:
        return client.retry(request, path, *args, **options)
    except (KazooException, KazooTimeoutError) as error:
        raise LockError(f"The znode {path}: {type(error).__name__} {error}") from error
