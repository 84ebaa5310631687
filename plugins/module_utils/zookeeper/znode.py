# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""One znode, as it should be, through kazoo."""

from __future__ import annotations

import base64
import traceback

try:
    from kazoo.client import KazooClient
    from kazoo.exceptions import KazooException, NodeExistsError, NoNodeError, NotEmptyError
    from kazoo.handlers.threading import KazooTimeoutError

    KAZOO_ERROR = None
except ImportError:
    KAZOO_ERROR = traceback.format_exc()


class ZnodeError(Exception):
    """The znode could not be brought to its state; the text says why."""


def client_of(endpoints: list[tuple[str, int]], session_timeout: float = 10.0):
    """A kazoo client, not yet started, of these members. Session timeout in seconds."""
    hosts = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in endpoints)
    return KazooClient(hosts=hosts, timeout=session_timeout)


def apply(client, params: dict, value: bytes | None, dry: bool, start_timeout: float) -> dict:
    """Start the client, converge, and close it again. Raises ZnodeError."""
    path = params["path"]
    try:
        client.start(timeout=start_timeout)
        return converge(client, params, value, dry)
    except KazooTimeoutError as error:
        raise ZnodeError(f"No session: none of {', '.join(params['hosts'])} serves clients.") from error
    except NotEmptyError as error:
        raise ZnodeError(f"{path} has children, and recursive is false: nothing was deleted.") from error
    except KazooException as error:
        raise ZnodeError(f"{path}: {type(error).__name__} {error}") from error
    finally:
        client.stop()
        client.close()


def refusal(path: str) -> str:
    """Why a path is not one to write to; empty when it is."""
    if path.startswith("/") and "//" not in path and path != "/" and not f"{path}/".startswith("/zookeeper/"):
        return ""
    return f"path: found {path!r}, expected an absolute path below / and outside /zookeeper"


def wanted_bytes(value: str | None, encoding: str) -> bytes | None:
    """Raises binascii.Error when a base64 value is not one."""
    if value is None:
        return None
    return base64.b64decode(value, validate=True) if encoding == "base64" else value.encode()


def shown(value: bytes | None) -> str:
    return "" if value is None else value.decode("utf-8", "backslashreplace") + "\n"


def converge(client, params: dict, value: bytes | None, dry: bool) -> dict:
    """Bring the znode to its state; returns the module's results."""
    path = params["path"]
    try:
        before, stat = client.get(path)
    except NoNodeError:
        before, stat = None, None
    result = {"path": path, "changed": False, "version": stat.version if stat else -1}
    if params["state"] == "absent":
        return absent(client, result, before, stat, params["recursive"], dry)
    result["created"] = before is None
    after = (before or b"") if value is None else value
    if before == after:
        return result
    result.update(changed=True, diff={"before_header": path, "before": shown(before), "after": shown(after)})
    if not dry:
        try:
            if stat is None:
                client.create(path, after, makepath=True)
                result["version"] = 0
            else:
                result["version"] = client.set(path, after, version=stat.version).version
        except NodeExistsError:
            return converge(client, params, value, dry)
    return result


def absent(client, result: dict, before: bytes | None, stat, recursive: bool, dry: bool) -> dict:
    if stat is None:
        return result
    if stat.numChildren and not recursive:
        raise NotEmptyError()
    result.update(
        changed=True, version=-1, diff={"before_header": result["path"], "before": shown(before), "after": ""}
    )
    if not dry:
        client.delete(result["path"], recursive=recursive)
    return result
