# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads a subtree of ZooKeeper: many requests at a time, one for each leaf, in bounded memory."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

try:
    from kazoo.exceptions import (
        ConnectionClosedError,
        ConnectionLoss,
        KazooException,
        NoNodeError,
        OperationTimeoutError,
        SessionExpiredError,
    )

    LOST = (ConnectionClosedError, ConnectionLoss, OperationTimeoutError, SessionExpiredError)
except ImportError:
    # The modules report it, with KAZOO_ERROR of znode.py.
    pass

# Requests in flight. More is not faster: `make bench` measures it.
WINDOW = 256
# Seconds without any answer until a walk gives up. An election takes a few seconds.
PATIENCE = 30.0


class WalkError(Exception):
    """The subtree could not be read; the text says why."""


@dataclass(frozen=True)
class Znode:
    """A znode as a walk read it: its data, its ZnodeStat and the names of its children."""

    path: str
    data: bytes
    stat: Any
    children: tuple[str, ...] = ()


def walk(
    clients: Sequence[Any],
    root: str,
    enter: Callable[[str], bool] = lambda path: True,
    window: int = WINDOW,
    patience: float = PATIENCE,
) -> Iterator[Znode]:
    """Every znode from `root` down, in no particular order; nothing when `root` does not exist.

    clients: started kazoo clients that share the requests. A follower may be behind the leader, so a walk over several
    members does not see one moment. enter: whether to read the children of a path. window: requests in flight.
    patience: seconds without an answer after which it raises WalkError; a lost connection alone does not end it.

    A znode that is deleted during the walk may be missing. A parent comes after the names of its children are known.
    """
    answers: queue.SimpleQueue = queue.SimpleQueue()
    # Depth first: the names of a few parents are kept, not those of a whole level.
    pending: list[Iterator[str]] = [iter([root])]
    in_flight = turn = 0
    last_answer = time.monotonic()

    def ask(path: str, parent: tuple[bytes, Any] | None) -> None:
        nonlocal in_flight, turn
        client = clients[turn % len(clients)]
        turn += 1
        in_flight += 1
        request = client.get_children_async if parent else client.get_async
        request(path).rawlink(lambda result: answers.put((path, parent, result)))

    while True:
        while pending and in_flight < window:
            path = next(pending[-1], "")
            if path:
                ask(path, None)
            else:
                pending.pop()
        if not in_flight:
            return
        try:
            path, parent, result = answers.get(timeout=patience)
        except queue.Empty as error:
            raise WalkError(f"{root}: no answer for {patience:g} s") from error
        in_flight -= 1
        try:
            answer = result.get(block=False)
        except NoNodeError:
            continue
        except LOST as error:
            if time.monotonic() - last_answer > patience:
                raise WalkError(f"{root}: the connection is lost ({type(error).__name__})") from error
            # Slowly: while the connection is down, each request fails at once.
            time.sleep(0.01)
            ask(path, parent)
            continue
        except KazooException as error:
            raise WalkError(f"{path}: {type(error).__name__} {error}".rstrip()) from error
        last_answer = time.monotonic()
        if parent:
            pending.append(iter([f"{path.rstrip('/')}/{name}" for name in answer]))
            yield Znode(path, *parent, tuple(answer))
        elif answer[1].numChildren and enter(path):
            ask(path, answer)
        else:
            yield Znode(path, *answer)
