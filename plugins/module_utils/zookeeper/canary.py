# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Writes a znode through one member and reads it through every other. It is ephemeral: a crash leaves nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from ..findings import CRITICAL, OK, Finding
from ..limits import Limits, check_limit
from .znode import KAZOO_ERROR, ZnodeError, connected

if not KAZOO_ERROR:
    from kazoo.exceptions import KazooException
    from kazoo.handlers.threading import KazooTimeoutError

# A child of the root: no parent has to be created, and no chroot is needed.
PATH = "/zoohouse-canary-"


class CanaryError(Exception):
    """A step did not work; the text names the member and the step."""


def run_canary(endpoints: Sequence[tuple[str, int]], timeout: float) -> float:
    """Milliseconds from the creation to the deletion. Raises CanaryError.

    endpoints: the first one creates and deletes the znode, the others read it. timeout: seconds for the sessions, and
    again for all requests together.
    """
    value = os.urandom(16)
    try:
        with connected([[endpoint] for endpoint in endpoints], timeout) as clients:
            start = time.monotonic()

            def wait(index, step, request):
                host = endpoints[index][0]
                try:
                    return request.get(timeout=max(start + timeout - time.monotonic(), 0.001))
                except KazooTimeoutError as error:
                    raise CanaryError(f"{host}: no answer to {step} within {timeout:g} s") from error
                except KazooException as error:
                    raise CanaryError(f"{host}: {step} failed with {type(error).__name__}") from error

            path = wait(0, "create", clients[0].create_async(PATH, value, ephemeral=True, sequence=True))
            readers = list(enumerate(clients))[1:]
            # All members at the same time.
            syncs = [(index, client.sync_async(path)) for index, client in readers]
            for index, request in syncs:
                wait(index, "sync", request)
            reads = [(index, client.get_async(path)) for index, client in readers]
            for index, request in reads:
                found, _stat = wait(index, "read", request)
                if found != value:
                    raise CanaryError(f"{endpoints[index][0]}: read another value than was written")
            wait(0, "delete", clients[0].delete_async(path))
            return 1000 * (time.monotonic() - start)
    except ZnodeError as error:
        raise CanaryError(str(error)) from error


def check_canary(endpoints: Sequence[tuple[str, int]], timeout: float, limits: Limits) -> list[Finding]:
    """The ensemble accepts a write, every member shows it, and all of it is fast enough."""
    expected = "create, sync, read and delete"
    if "canary" not in limits or not endpoints:
        return []
    try:
        milliseconds = run_canary(endpoints, timeout)
    except CanaryError as error:
        hint = "See the other findings; if the member serves, look into its log and its ACLs."
        return [Finding("canary", CRITICAL, "ensemble", str(error), expected, hint)]
    readers = ", ".join(host for host, _port in endpoints[1:])
    found = f"written through {endpoints[0][0]}" + (f", read through {readers}" if readers else "")
    findings = [Finding("canary", OK, "ensemble", found, expected)]
    return findings + check_limit(limits, "canary_time", "ensemble", milliseconds)
