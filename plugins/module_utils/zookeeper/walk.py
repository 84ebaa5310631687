# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads a subtree of ZooKeeper: many requests at a time, one for each leaf, in bounded memory."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from .status import read_ensemble
from .znode import connected

try:
    from kazoo.exceptions import (
        ConnectionLoss,
        KazooException,
        NoNodeError,
        OperationTimeoutError,
        SessionExpiredError,
    )
    from kazoo.retry import KazooRetry

    LOST = (ConnectionLoss, OperationTimeoutError, SessionExpiredError)
except ImportError:
    # The modules report it, with KAZOO_ERROR of znode.py.
    pass

# What a walk asks a client for.
GET, ACL, CHILDREN = "get", "get_acls", "get_children"
# Requests in flight: enough to keep a member busy, and few enough to bound the memory of their answers.
WINDOW = 256
# Seconds without an answer until a walk gives up. An election takes a few seconds.
PATIENCE = 30.0


# Seconds to wait for a session: longer than an election.
SESSION_WAIT = 15.0


class WalkError(Exception):
    """The subtree could not be read; the text says why."""


@dataclass(frozen=True)
class Znode:
    """A znode as a walk read it: its data, its ZnodeStat and the names of its children.

    acl: entries such as `world:anyone:cdrwa`, where the walk was told to read them.
    """

    path: str
    data: bytes
    stat: Any
    children: tuple[str, ...] = ()
    acl: tuple[str, ...] = ()


@contextmanager
def walkers(hosts: list[tuple[str, int]], followers_only: bool, timeout: float) -> Iterator[list]:
    """Clients for a walk: one for each follower that serves, or one for all hosts. Raises ZnodeError without a session.

    timeout: seconds to wait for the answer of one member.
    """
    statuses = read_ensemble(hosts, timeout) if followers_only else []
    followers = [[(status.host, status.port)] for status in statuses if status.mode == "follower"]
    with connected(followers or [hosts], SESSION_WAIT) as clients:
        yield clients


def walk(
    clients: Sequence[Any],
    root: str,
    enter: Callable[[str], bool] = lambda path: True,
    with_acl: Callable[[str], bool] = lambda path: False,
    window: int = WINDOW,
    patience: float = PATIENCE,
    read: Callable[[str], bool] = lambda path: True,
) -> Iterator[Znode]:
    """Every znode from `root` down, in no particular order; nothing when `root` does not exist.

    clients: started kazoo clients that share the requests. A follower may be behind the leader, so a walk over several
    members does not see one moment. enter: whether to read the children of a path. with_acl: whether to read the ACL
    of a path. window: requests in flight. patience: seconds without an answer after which it raises WalkError; a lost
    connection alone does not end it. read: whether to read a znode at all; its name is known from its parent.

    A znode that is deleted during the walk may be missing. A parent comes after the names of its children are known,
    and before any of them is read.
    """
    return _read(clients, [root], enter, with_acl, window, patience, read)


def read_again(client: Any, paths: Sequence[str], window: int = WINDOW, patience: float = PATIENCE) -> Iterator[Znode]:
    """The znodes of these paths that exist, without their children, once the member of the client has caught up."""
    try:
        KazooRetry(max_tries=-1, deadline=patience)(client.sync, "/")
    except KazooException as error:
        raise WalkError(f"sync: {type(error).__name__} {error}".rstrip()) from error
    yield from _read([client], paths, lambda path: False, lambda path: False, window, patience, lambda path: True)


def _read(
    clients: Sequence[Any],
    paths: Sequence[str],
    enter: Callable[[str], bool],
    with_acl: Callable[[str], bool],
    window: int,
    patience: float,
    read: Callable[[str], bool],
) -> Iterator[Znode]:
    """The znodes of these paths, and those below them that are entered."""
    answers: queue.SimpleQueue = queue.SimpleQueue()
    # Depth first: the names of a few parents are kept, not those of a whole level.
    pending: list[Iterator[str]] = [iter(paths)]
    in_flight = turn = 0

    # known: the znode as far as it was read before this request.
    def ask(request: str, path: str, known: Znode | None = None) -> None:
        nonlocal in_flight, turn
        client = clients[turn % len(clients)]
        turn += 1
        in_flight += 1
        result = getattr(client, f"{request}_async")(path)
        result.rawlink(lambda result: answers.put((client, request, path, known, result)))

    while True:
        while pending and in_flight < window:
            path = next(pending[-1], "")
            if path:
                ask(GET, path)
            else:
                pending.pop()
        if not in_flight:
            return
        try:
            client, request, path, znode, result = answers.get(timeout=patience)
        except queue.Empty as error:
            raise WalkError(f"{paths[0]}: no answer for {patience:g} s") from error
        in_flight -= 1
        try:
            answer = _answer(client, request, path, result, patience)
        except NoNodeError:
            continue
        except KazooException as error:
            raise WalkError(f"{path}: {type(error).__name__} {error}".rstrip()) from error
        if request == GET:
            znode = Znode(path, *answer)
        elif request == ACL:
            znode = replace(znode, acl=acl_entries(answer[0]))
        else:
            znode = replace(znode, children=tuple(answer))
            pending.append(filter(read, _below(path, znode.children)))
        if request == GET and with_acl(path):
            ask(ACL, path, znode)
        elif request != CHILDREN and znode.stat.numChildren and enter(path):
            ask(CHILDREN, path, znode)
        else:
            yield znode


def _answer(client: Any, request: str, path: str, result: Any, patience: float) -> Any:
    """The answer to a request; if its connection was lost, the answer to the same request on the next one."""
    try:
        return result.get(block=False)
    except LOST:
        return KazooRetry(max_tries=-1, deadline=patience)(getattr(client, request), path)


def _below(path: str, names: Sequence[str]) -> Iterator[str]:
    prefix = path.rstrip("/")
    return (f"{prefix}/{name}" for name in names)


def acl_entries(entries: Sequence[Any]) -> tuple[str, ...]:
    """ACLs of kazoo as text, as zkCli takes them: scheme, id and the letters of the permissions."""
    letters = "rwcda"
    return tuple(
        f"{entry.id.scheme}:{entry.id.id}:"
        + "".join(letter for letter in "cdrwa" if entry.perms & (1 << letters.index(letter)))
        for entry in entries
    )
