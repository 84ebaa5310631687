# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""All files of one service: compared, recorded and written, and whether they need a restart of the service."""

from __future__ import annotations

import base64
import fcntl
import fnmatch
import hashlib
import json
import os
import re
import tempfile

from .config_record import (
    RELOAD,
    RUNNING,
    SYSTEMD,
    backup_of,
    read_record,
    read_unit,
    record_path,
    running_invocation,
)
from .config_validate import Check, staged_problem, xml_problems
from .xml_changes import changed_elements


def matches(path: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatch(path, pattern) for pattern in patterns)


def mask_keys(text: str, patterns: list[str]) -> str:
    """The text with the values of all `key=value` lines masked whose key contains one of the regular expressions."""
    lines = []
    for line in text.splitlines(keepends=True):
        key, equals, value = line.partition("=")
        if equals and any(re.search(pattern, key) for pattern in patterns):
            content = value.rstrip("\r\n")
            line = f"{key}={_masked(content)}{value[len(content) :]}"
        lines.append(line)
    return "".join(lines)


def with_block(text: str, marker: str, block: str) -> str:
    """The text with the block between its two marker lines: in its old place, or else at the end.

    A marker without its counterpart is dropped, and the lines around it are kept.
    """
    begin, end = f"# BEGIN {marker}", f"# END {marker}"
    lines = text.splitlines()
    wanted = [begin, *block.splitlines(), end]
    place = lines.index(begin) if begin in lines else -1
    if place >= 0 and end in lines[place:]:
        lines[place : lines.index(end, place) + 1] = wanted
    else:
        lines = [line for line in lines if line not in (begin, end)] + wanted
    return "\n".join(lines) + "\n"


def _masked(text: str) -> str:
    """Says only whether a secret differs from another one."""
    return f"(secret, {hashlib.sha256(text.encode()).hexdigest()[:8]})"


class ConfigTree:
    """One run over one set of files."""

    def __init__(self, module) -> None:
        self.module = module
        self.params = module.params
        self.record_path = record_path(self.params["name"])
        self.changed: list[str] = []
        self.diffs: list[dict] = []

    def run(self) -> None:
        """Compares and writes everything, and ends the module. Two runs on one host do it one after the other."""
        if self.module.check_mode:
            self._run()
        directory = os.path.dirname(self.record_path)
        os.makedirs(directory, exist_ok=True)
        with open(os.path.join(directory, ".lock"), "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._run()

    def _run(self) -> None:
        self.record = read_record(self.params["name"])
        self.service = read_unit(self.module, self.params["service"])
        self.invocation = running_invocation(self.service)
        wanted = {
            file["path"]: base64.b64decode(self.params["contents"][file["path"]]) for file in self.params["files"]
        }
        # A link becomes a file: what it points to belongs to somebody else, such as the sample files of a package.
        stale = {path: new for path, new in wanted.items() if os.path.islink(path) or self._read(path) != new}
        gone = [path for path in self.record if path not in wanted and os.path.exists(path)]
        self._validate(wanted, {**stale, **dict.fromkeys(gone)})
        for directory in self.params["directories"]:
            self._directory(directory)
        if (stale or gone) and self.invocation and not self.module.check_mode:
            backup_of(self.params["name"]).keep([*stale, *gone], not self._pending(*self.record.values()))
        # Written first: after an interruption the record may have a change too many, never one too few.
        self._remember({**stale, **dict.fromkeys(gone)})
        for file in self.params["files"]:
            self._file(file, stale.get(file["path"]))
        for path in gone:
            self._remove(path)
        for block in self.params["blocks"]:
            self._block(**block)
        self._forget(wanted)
        if self.service.get("NeedDaemonReload") == "yes" or any(path.startswith(SYSTEMD) for path in self.changed):
            self._systemctl("daemon-reload")
        due = bool(self.invocation) and self.invocation in self.record.values()
        reload = bool(self.invocation) and f"{RELOAD}{self.invocation}" in self.record.values()
        self.module.exit_json(
            changed=bool(self.changed) or due or reload,
            changed_paths=self.changed,
            restart_needed=due,
            reload_needed=reload and not due,
            running=self.service.get("ActiveState") in RUNNING,
            enabled=self.service.get("UnitFileState") == "enabled",
            diff=self.diffs,
        )

    def _validate(self, wanted: dict[str, bytes], changes: dict[str, bytes | None]) -> None:
        """Nothing is written when the service could not read its files after the change."""
        problems = self._missing_parents() or xml_problems(wanted, changes, self.params["xml_roots"])
        directory = self.params["validate_directory"]
        if changes and directory and not problems:
            checks = [Check(command) for command in self.params["validate_commands"]]
            checks += [Check(**load) for load in self.params["validate_loads"]]
            problems = staged_problem(self.module, directory, changes, checks)
        if problems:
            self.module.fail_json(msg=f"No file was changed. {problems}")

    def _missing_parents(self) -> str:
        strict = {directory["path"].rstrip("/") for directory in self.params["directories"] if not directory["parents"]}
        above = {os.path.dirname(path): path for path in sorted(strict)}
        missing = [path for parent, path in above.items() if parent not in strict and not os.path.isdir(parent)]
        hint = "A missing directory is often a file system that is not mounted."
        return f"No directory above {', '.join(missing)}. {hint}" if missing else ""

    def _systemctl(self, verb: str) -> None:
        if not self.module.check_mode:
            self.module.run_command(["systemctl", verb], check_rc=True)

    def _directory(self, directory: dict) -> None:
        path, created = directory["path"], False
        if not os.path.isdir(path):
            created = True
            self.diffs.append({"before_header": path, "after_header": path, "before": "", "after": "directory\n"})
            if not self.module.check_mode:
                # Parent directories are readable by all, unlike new files (umask).
                mask = os.umask(0o022)
                os.makedirs(path)
                os.umask(mask)
        if self._attributes(directory) or created:
            self.changed.append(path)

    def _file(self, file: dict, new: bytes | None) -> None:
        path = file["path"]
        if new is not None:
            self._show(path, self._read(path), new)
            if not self.module.check_mode:
                self._write(path, new)
        if self._attributes(file) or new is not None:
            self.changed.append(path)

    def _block(self, path: str, marker: str, block: str) -> None:
        old = self._read(path) or b""
        # A file of somebody else: bytes that are no text stay what they are.
        new = with_block(old.decode("utf-8", "surrogateescape"), marker, block).encode("utf-8", "surrogateescape")
        if new == old:
            return
        self._show(path, old, new)
        self.changed.append(path)
        if not self.module.check_mode:
            created = not os.path.exists(path)
            self._write(path, new)
            if created:
                os.chmod(path, 0o644)

    def _remove(self, path: str) -> None:
        old = self._read(path)
        if old is None:
            return
        self._show(path, old, None)
        self.changed.append(path)
        if not self.module.check_mode:
            os.unlink(path)

    def _attributes(self, wanted: dict) -> bool:
        if not os.path.exists(wanted["path"]):
            return False
        return self.module.set_fs_attributes_if_different(
            self.module.load_file_common_arguments(wanted, path=wanted["path"]), False
        )

    def _write(self, path: str, content: bytes) -> None:
        handle, temporary = tempfile.mkstemp(dir=self.module.tmpdir)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        self.module.atomic_move(temporary, path)

    def _read(self, path: str) -> bytes | None:
        try:
            with open(path, "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def _show(self, path: str, before: bytes | None, after: bytes | None) -> None:
        texts = [(content or b"").decode("utf-8", "backslashreplace") for content in (before, after)]
        if matches(path, self.params["secret_paths"]):
            texts = [f"{_masked(text)}\n" if text else "" for text in texts]
        else:
            texts = [mask_keys(text, self.params["secret_keys"]) for text in texts]
        self.diffs.append({"before_header": path, "after_header": path, "before": texts[0], "after": texts[1]})

    def _remember(self, changes: dict) -> None:
        before = dict(self.record)
        for path in changes:
            self.record[path] = self._mark(path, changes[path])
        self._save(before)

    def _mark(self, path: str, new: bytes | None) -> str:
        """What has to happen before the running service has read a file that is written now."""
        pending = bool(self.invocation) and self.record.get(path) == self.invocation
        if matches(path, self.params["restart_paths"]) and (pending or not self._is_reloaded(path, new)):
            return self.invocation
        return f"{RELOAD}{self.invocation}" if self.invocation and matches(path, self.params["reload_paths"]) else ""

    def _is_reloaded(self, path: str, new: bytes | None) -> bool:
        """Whether only elements change that the service takes over by itself."""
        known = [item["elements"] for item in self.params["reload_elements"] if matches(path, [item["path"]])]
        changes = changed_elements(self._read(path), new) if known else None
        return changes is not None and all(matches(change, known[0]) for change in changes)

    def _pending(self, *marks: str) -> bool:
        return bool(self.invocation) and bool({self.invocation, f"{RELOAD}{self.invocation}"} & set(marks))

    def _forget(self, wanted: dict[str, bytes]) -> None:
        """Drops removed files from the record once the service runs without them."""
        before = dict(self.record)
        for path, mark in before.items():
            if path not in wanted and not self._pending(mark):
                del self.record[path]
        self._save(before)

    def _save(self, before: dict) -> None:
        if self.record == before or self.module.check_mode:
            return
        os.makedirs(os.path.dirname(self.record_path), exist_ok=True)
        self._write(self.record_path, (json.dumps(self.record, indent=1, sort_keys=True) + "\n").encode())
