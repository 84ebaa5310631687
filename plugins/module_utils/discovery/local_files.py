# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The files of the agent: what an operator asks of it, what it remembers, and its status."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Mapping
from typing import Any

from .settings import Settings

# Name of the file that asks for it: drain, or drain-OWNER. It contains the time when it ends, or nothing.
DRAIN, OPERATOR = "drain", "operator"


class LocalFiles:
    """systemd removes the runtime directory when the service stops, and keeps the state directory."""

    def __init__(self, settings: Settings) -> None:
        self.runtime_dir, self.state_dir = settings.runtime_dir, settings.state_dir

    def draining(self) -> str:
        """Who asked for it; empty for nobody."""
        for directory in (self.state_dir, self.runtime_dir):
            for name in sorted(os.listdir(directory)) if os.path.isdir(directory) else []:
                if name.partition("-")[0] == DRAIN and not self._is_over(os.path.join(directory, name)):
                    return name.partition("-")[2] or OPERATOR
        return ""

    def drain(self, keep: bool, owner: str = OPERATOR, seconds: float = 0.0) -> None:
        """keep: also after a restart of the agent or the host. seconds: until it ends by itself; 0: never."""
        path = os.path.join(self.state_dir if keep else self.runtime_dir, _marker(owner))
        # root writes into directories of the agent's user, who must not lead it elsewhere.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
        with os.fdopen(handle, "w") as file:
            file.write(f"{time.time() + seconds:.0f}\n" if seconds else "")

    def undrain(self, owner: str = "") -> None:
        """owner: who does not ask for it any more; everybody without one."""
        for directory in (self.runtime_dir, self.state_dir):
            for name in os.listdir(directory) if os.path.isdir(directory) else []:
                if name == _marker(owner) or (not owner and name.partition("-")[0] == DRAIN):
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(os.path.join(directory, name))

    def _is_over(self, path: str) -> bool:
        try:
            return time.time() > float(self._read(path))
        except (OSError, ValueError):
            # Without a time it does not end by itself.
            return not os.path.exists(path)

    def last_session(self) -> int:
        """Id of the last session that may own the entry; 0 for none."""
        try:
            return int(self._read(os.path.join(self.state_dir, "session")))
        except (OSError, ValueError):
            return 0

    def remember_session(self, session: int) -> None:
        self._write(os.path.join(self.state_dir, "session"), f"{session}\n")

    def write_status(self, status: Mapping[str, Any]) -> None:
        self._write(os.path.join(self.runtime_dir, "status.json"), json.dumps(status, indent=1) + "\n")

    def status(self) -> dict[str, Any]:
        """What a running agent says; empty when none runs."""
        try:
            return json.loads(self._read(os.path.join(self.runtime_dir, "status.json")))
        except (OSError, ValueError):
            return {}

    def remove_status(self) -> None:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(self.runtime_dir, "status.json"))

    @staticmethod
    def _read(path: str) -> str:
        with open(path, encoding="utf-8") as file:
            return file.read()

    @staticmethod
    def _write(path: str, text: str) -> None:
        """In one step: nobody reads half a file."""
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(f"{path}.new", path)


def _marker(owner: str) -> str:
    return DRAIN if owner == OPERATOR else f"{DRAIN}-{owner}"
