# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The files of a service before a change, kept until the service is healthy with the new ones."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import tempfile
from collections.abc import Iterable
from typing import Any

MODE = 0o7777


class Backup:
    """One file that only root can read: it may hold passwords. path: of this file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def keep(self, paths: Iterable[str], fresh: bool) -> None:
        """Keeps the files as they are now, before they are changed.

        fresh: the service has read all files, so that what was kept before is not needed any more. Otherwise the files
        that are kept already stay as they were before the first change.
        """
        kept = {} if fresh else self._read()
        for path in paths:
            kept.setdefault(path, _state(path))
        write_file(self.path, json.dumps(kept).encode(), 0o600)

    def put_back(self) -> list[str]:
        """Writes the files as they were, and returns their paths. It can be interrupted and called again."""
        kept = self._read()
        for path, state in kept.items():
            _restore(path, state)
        self.discard()
        return sorted(kept)

    def kept(self) -> dict[str, bytes | None]:
        """The content of each file before the change; None where there was none, or a link."""
        states = self._read()
        return {
            path: base64.b64decode(state["content"]) if "content" in state else None for path, state in states.items()
        }

    def discard(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            with open(self.path, encoding="utf-8") as file:
                return json.load(file)
        except (FileNotFoundError, ValueError):
            return {}


def _state(path: str) -> dict[str, Any]:
    """What is at a path; empty when there is nothing."""
    if os.path.islink(path):
        return {"link": os.readlink(path)}
    try:
        with open(path, "rb") as file:
            content, status = file.read(), os.fstat(file.fileno())
    except FileNotFoundError:
        return {}
    text = base64.b64encode(content).decode()
    return {"content": text, "mode": status.st_mode & MODE, "uid": status.st_uid, "gid": status.st_gid}


def _restore(path: str, state: dict[str, Any]) -> None:
    if "content" in state:
        write_file(path, base64.b64decode(state["content"]), state["mode"], (state["uid"], state["gid"]))
        return
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    if "link" in state:
        os.symlink(state["link"], path)


def write_file(path: str, content: bytes, mode: int, owner: tuple[int, int] | None = None) -> None:
    """Replaces a file at once; nobody sees half of it, and it survives a crash of the host."""
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".zoohouse-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
            if owner:
                os.fchown(file.fileno(), *owner)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
