# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Creates, changes and deletes one znode, with kazoo."""

from __future__ import annotations

import base64
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

try:
    from kazoo.client import KazooClient
    from kazoo.exceptions import KazooException, NodeExistsError, NoNodeError, NotEmptyError
    from kazoo.handlers.threading import KazooTimeoutError

    KAZOO_ERROR = None
except ImportError:
    KAZOO_ERROR = traceback.format_exc()


class ZnodeError(Exception):
    """The znode could not be changed; the text says why."""


def make_client(endpoints: list[tuple[str, int]], session_timeout: float = 10.0):
    """A kazoo client for these members, not started yet. Session timeout in seconds."""
    hosts = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in endpoints)
    return KazooClient(hosts=hosts, timeout=session_timeout)


@contextmanager
def connected(members: list[list[tuple[str, int]]], timeout: float) -> Iterator[list]:
    """A started client for each list of endpoints. Raises ZnodeError without a session within `timeout` seconds."""
    clients = [make_client(endpoints) for endpoints in members]
    try:
        for client, endpoints in zip(clients, members):
            try:
                client.start(timeout=timeout)
            except KazooTimeoutError as error:
                names = ", ".join(f"{host}:{port}" for host, port in endpoints)
                raise ZnodeError(f"No session: none of {names} is serving.") from error
        yield clients
    finally:
        for client in clients:
            client.stop()
            client.close()


def apply(client, params: dict, value: bytes | None, check_mode: bool, start_timeout: float) -> dict:
    """Start the client, bring the znode to its state, and close the client. Raises ZnodeError."""
    path = params["path"]
    try:
        client.start(timeout=start_timeout)
        return converge(client, params, value, check_mode)
    except KazooTimeoutError as error:
        raise ZnodeError(f"No session: none of {', '.join(params['hosts'])} is serving.") from error
    except NotEmptyError as error:
        raise ZnodeError(f"{path} has children, and recursive is false: nothing was deleted.") from error
    except KazooException as error:
        raise ZnodeError(f"{path}: {type(error).__name__} {error}") from error
    finally:
        client.stop()
        client.close()


def path_error(path: str) -> str:
    """Why a path cannot be written; empty when it can."""
    if path.startswith("/") and "//" not in path and path != "/" and not f"{path}/".startswith("/zookeeper/"):
        return ""
    return f"path: found {path!r}, expected an absolute path below / and outside /zookeeper"


def wanted_bytes(value: str | None, encoding: str) -> bytes | None:
    """The value as bytes. Raises binascii.Error when it should be base64 and is not."""
    if value is None:
        return None
    return base64.b64decode(value, validate=True) if encoding == "base64" else value.encode()


def diff_text(value: bytes | None) -> str:
    return "" if value is None else value.decode("utf-8", "backslashreplace") + "\n"


def converge(client, params: dict, value: bytes | None, check_mode: bool) -> dict:
    """Bring the znode to its state; returns the results of the module."""
    path = params["path"]
    try:
        before, stat = client.get(path)
    except NoNodeError:
        before, stat = None, None
    result = {"path": path, "changed": False, "version": stat.version if stat else -1}
    if params["state"] == "absent":
        return absent(client, result, before, stat, params["recursive"], check_mode)
    result["created"] = before is None
    after = (before or b"") if value is None else value
    if before == after:
        return result
    result.update(changed=True, diff={"before_header": path, "before": diff_text(before), "after": diff_text(after)})
    if not check_mode:
        try:
            if stat is None:
                client.create(path, after, makepath=True)
                result["version"] = 0
            else:
                result["version"] = client.set(path, after, version=stat.version).version
        except NodeExistsError:
            return converge(client, params, value, check_mode)
    return result


def absent(client, result: dict, before: bytes | None, stat, recursive: bool, check_mode: bool) -> dict:
    if stat is None:
        return result
    if stat.numChildren and not recursive:
        raise NotEmptyError()
    result.update(
        changed=True, version=-1, diff={"before_header": result["path"], "before": diff_text(before), "after": ""}
    )
    if not check_mode:
        client.delete(result["path"], recursive=recursive)
    return result
