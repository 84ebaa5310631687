#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: all files of one service, compared and written in one round trip."""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_tree
short_description: Render directories of templates and keep a service's files equal to them
version_added: 0.1.0
description:
  - The action plugin renders every template below the source directories on the control node; the module compares and
    writes all files in one round trip.
  - A template that renders to nothing is not wanted. A file that this module once wrote and that is no longer wanted is
    removed; any other file is left alone.
  - It remembers under which run of the service a file was written, so that a restart that was due when a run was
    interrupted is still due in the next run.
author:
  - Zoohouse contributors (@zoohouse)
options:
  name:
    description: Name of the set of files; what was written is recorded under it in C(/var/lib/zoohouse).
    type: str
    required: true
  trees:
    description:
      - Directories to render; files whose names end in C(.j2) are templates, all others are left out.
      - Handled by the action plugin. Directories on the host are not made from it; see O(directories).
    type: list
    elements: dict
    suboptions:
      src: {description: Directory below the role's C(templates)., type: str, required: true}
      dest: {description: Directory on the host., type: path, required: true}
      owner: {description: Owner of the files., type: str, default: root}
      group: {description: Group of the files., type: str, default: root}
      mode: {description: Mode of the files., type: str, default: "0644"}
  directories:
    description: Directories that must exist.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: Absolute path., type: path, required: true}
      owner: {description: Owner., type: str, default: root}
      group: {description: Group., type: str, default: root}
      mode: {description: Mode., type: str, default: "0755"}
  service:
    description:
      - The systemd unit that reads the files. Units are reloaded when a file below C(/etc/systemd) changes.
    type: str
  restart_paths:
    description: Shell patterns of those files whose change the service sees only after a restart.
    type: list
    elements: str
    default: []
  secret_paths:
    description: Shell patterns of those files whose content no diff may show.
    type: list
    elements: str
    default: []
  files:
    description: Set by the action plugin.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: Absolute path., type: path, required: true}
      owner: {description: Owner., type: str, default: root}
      group: {description: Group., type: str, default: root}
      mode: {description: Mode., type: str, default: "0644"}
  contents:
    description: Set by the action plugin.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    description: It says what it would change.
  diff_mode:
    support: full
    description: It shows each file before and after, but for O(secret_paths).
"""

EXAMPLES = r"""
- name: Configure
  zoohouse.cluster.config_tree:
    name: zookeeper
    service: zookeeper.service
    trees:
      - {src: config, dest: /etc/zookeeper/zoohouse}
    restart_paths: ["/etc/zookeeper/zoohouse/*"]
  notify: Restart ZooKeeper
"""

RETURN = r"""
changed:
  description: Whether a file or directory was changed, or an earlier change still waits for its restart.
  returned: always
  type: bool
  sample: true
changed_paths:
  description: Files and directories that were (in check mode, would be) written or removed.
  returned: always
  type: list
  elements: str
  sample: [/etc/zookeeper/zoohouse/zoo.cfg]
restart_needed:
  description: Whether the running service was started before one of O(restart_paths) was last written.
  returned: always
  type: bool
  sample: false
"""

import base64
import fnmatch
import hashlib
import json
import os
import tempfile

from ansible.module_utils.basic import AnsibleModule

RECORDS = "/var/lib/zoohouse"


def matches(path: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatch(path, pattern) for pattern in patterns)


class ConfigTree:
    """One run over one set of files."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.params = module.params
        self.record_path = os.path.join(RECORDS, f"{self.params['name']}.json")
        self.record = self._read_record()
        self.invocation, self.reload_due = self._service()
        self.changed: list[str] = []
        self.diffs: list[dict] = []

    def run(self) -> None:
        for directory in self.params["directories"]:
            self._directory(directory)
        wanted = {
            file["path"]: base64.b64decode(self.params["contents"][file["path"]]) for file in self.params["files"]
        }
        stale = {path: new for path, new in wanted.items() if self._read(path) != new}
        gone = [path for path in self.record if path not in wanted and os.path.exists(path)]
        # The record goes first: after an interruption it may name a change too many, never one too few.
        self._remember({**stale, **dict.fromkeys(gone)})
        for file in self.params["files"]:
            self._file(file, stale.get(file["path"]))
        for path in gone:
            self._remove(path)
        self._forget(wanted)
        if self.reload_due or any(path.startswith("/etc/systemd/") for path in self.changed):
            self._systemctl("daemon-reload")
        due = bool(self.invocation) and self.invocation in self.record.values()
        self.module.exit_json(
            changed=bool(self.changed) or due, changed_paths=self.changed, restart_needed=due, diff=self.diffs
        )

    def _service(self) -> tuple[str, bool]:
        """(id of the service's present run, empty when it does not run; whether systemd has yet to read its unit)."""
        if not self.params["service"]:
            return "", False
        _rc, out, _err = self.module.run_command(
            ["systemctl", "show", "--property=ActiveState,InvocationID,NeedDaemonReload", self.params["service"]]
        )
        shown = dict(line.partition("=")[::2] for line in out.splitlines())
        running = shown.get("ActiveState") in ("active", "activating", "reloading")
        return (shown.get("InvocationID", "") if running else ""), shown.get("NeedDaemonReload") == "yes"

    def _systemctl(self, verb: str) -> None:
        if not self.module.check_mode:
            self.module.run_command(["systemctl", verb], check_rc=True)

    def _directory(self, directory: dict) -> None:
        path, made = directory["path"], False
        if not os.path.isdir(path):
            made = True
            self.diffs.append({"before_header": path, "after_header": path, "before": "", "after": "directory\n"})
            if not self.module.check_mode:
                # Directories on the way are for everybody, whatever the umask of new files.
                mask = os.umask(0o022)
                os.makedirs(path)
                os.umask(mask)
        if self._attributes(directory) or made:
            self.changed.append(path)

    def _file(self, file: dict, new: bytes | None) -> None:
        path = file["path"]
        if new is not None:
            self._show(path, self._read(path), new)
            if not self.module.check_mode:
                self._write(path, new)
        if self._attributes(file) or new is not None:
            self.changed.append(path)

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
            texts = [f"(secret, {hashlib.sha256(text.encode()).hexdigest()[:8]})\n" if text else "" for text in texts]
        self.diffs.append({"before_header": path, "after_header": path, "before": texts[0], "after": texts[1]})

    def _read_record(self) -> dict[str, str]:
        """Path -> run of the service during which the file was last changed; empty when none ran or none cares."""
        try:
            return json.loads(self._read(self.record_path) or b"{}")
        except ValueError:
            return {}

    def _remember(self, changes: dict) -> None:
        before = dict(self.record)
        for path in changes:
            self.record[path] = self.invocation if matches(path, self.params["restart_paths"]) else ""
        self._save(before)

    def _forget(self, wanted: dict[str, bytes]) -> None:
        """A removed file stays in the record until the service has been restarted without it."""
        before = dict(self.record)
        for path, run in before.items():
            if path not in wanted and (not run or run != self.invocation):
                del self.record[path]
        self._save(before)

    def _save(self, before: dict) -> None:
        if self.record == before or self.module.check_mode:
            return
        os.makedirs(RECORDS, exist_ok=True)
        self._write(self.record_path, (json.dumps(self.record, indent=1, sort_keys=True) + "\n").encode())


def main() -> None:
    place = {
        "path": {"type": "path", "required": True},
        "owner": {"type": "str", "default": "root"},
        "group": {"type": "str", "default": "root"},
    }
    texts = {"type": "list", "elements": "str", "default": []}
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "service": {"type": "str"},
            "restart_paths": texts,
            "secret_paths": texts,
            "directories": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {**place, "mode": {"type": "str", "default": "0755"}},
            },
            "files": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {**place, "mode": {"type": "str", "default": "0644"}},
            },
            # Marked as secret as a whole: some of the files hold passwords.
            "contents": {"type": "dict", "default": {}, "no_log": True},
        },
        supports_check_mode=True,
    )
    # A new file is nobody else's until it has its owner and mode.
    os.umask(0o077)
    ConfigTree(module).run()


if __name__ == "__main__":
    main()
