# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether a running server has taken over its changed files, as it shows itself; if not, the old ones are put back."""

from __future__ import annotations

import os
import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from typing import Any

from ..config_record import backup_of, confirm, put_back
from ..diagnosis import TIME
from ..findings import CRITICAL, Finding, message, problems
from ..health_check import wait_until_healthy
from .checks import check_replica
from .http import ClickHouseError, Server, first_line
from .local import ERROR_LOG
from .read_back import CONFIG, PRESENT, USERS, Change, Question, answers, mistakes, questions
from .server_config import read_config
from .status import read_replica

# Seconds for which a server may reject its files, or not answer: it looks at them every other second itself.
PATIENCE = 10.0
# Bytes at the end of a log.
TAIL = 256 * 1024
REJECTED = re.compile(r"<Error> .*(Error (?:updating configuration|loading config) .*)")
# A server that does not let the user see a table.
DENIED = re.compile(r"Code: 497\b|ACCESS_DENIED|Not enough privileges")
UNKNOWN_USER = re.compile(r"Code: 192\b")
HINT = "The server has not taken it over. Correct the variable that sets it."
# Of a login that must fail.
NO_PASSWORD = "zoohouse asks whether this user exists"


class Reload:
    """One reload of the server of this host. name: in findings. config: name of its set of files."""

    def __init__(self, module: Any, server: Server, reload: Callable[[], None]) -> None:
        self.module, self.server, self.reload = module, server, reload
        self.name, self.config = module.params["name"], module.params["config"]
        self.directory = module.params["config_dir"]
        self.changes = read_changes(backup_of(self.config).kept(), self.directory)

    def run(self) -> list[str]:
        """The fragments that were taken over; ends the module when one was not, with the files of before."""
        timeout = self.module.params["timeout"]
        findings = wait_until_healthy(self._reload, min(timeout, PATIENCE))
        if not problems(findings, CRITICAL):
            findings = wait_until_healthy(self._read_back, timeout)
        if problems(findings, CRITICAL):
            self._put_back(findings)
        confirm(self.config)
        return [change.fragment for change in self.changes]

    def _reload(self) -> list[Finding]:
        try:
            self.reload()
        except ClickHouseError as error:
            fragments = ", ".join(change.fragment for change in self.changes)
            expected = f"a server that accepts {fragments}"
            return [Finding("reload", CRITICAL, self.name, first_line(str(error)), expected)]
        return []

    def _read_back(self) -> list[Finding]:
        status = read_replica(self.server, name=self.name)
        checks = ["ping", "login"]
        # The other fragments do not decide whether there is a session.
        checks += ["session"] if any(change.fragment == f"{CONFIG}/zookeeper.xml" for change in self.changes) else []
        findings = [finding for finding in check_replica(status) if finding.check in checks]
        if not status.answers:
            return findings
        config, users = (self._read(name) for name in ("config.xml", "users.xml"))
        asked = questions(self.changes, config, users, status.version, self.server.user)
        return [*findings, *(finding for question in asked for finding in ask(self.server, self.name, question))]

    def _read(self, name: str) -> ET.Element:
        config = read_config(os.path.join(self.directory, name))
        return ET.Element("none") if config is None else config

    def _put_back(self, findings: Sequence[Finding]) -> None:
        reason = rejection(self.directory, self._since())
        paths = put_back(self.module, self.config)
        again = wait_until_healthy(self._reload, PATIENCE)
        unread = problems(again, CRITICAL)
        state = f"does not say that it has read them: {unread[0].found}" if unread else "has read them"
        text = message(list(findings), f"{self.name} has not taken over its new configuration:")
        more = [f"Its log says: {reason}"] if reason else []
        more.append(f"The files before the change were put back, and the server {state}: {', '.join(paths)}.")
        results = {"findings": [finding.as_dict() for finding in findings], "put_back": paths}
        self.module.fail_json(msg="\n".join([text, *more]), **results)

    def _since(self) -> float:
        """When the files were changed, in seconds of the clock."""
        try:
            return os.path.getmtime(backup_of(self.config).path)
        except FileNotFoundError:
            return time.time()


def read_changes(kept: dict[str, bytes | None], directory: str) -> list[Change]:
    """The fragments of a configuration directory that were changed. kept: content before the change, by path."""
    changes = []
    for path, before in sorted(kept.items()):
        fragment = os.path.relpath(path, directory)
        if os.path.dirname(fragment) in (CONFIG, USERS):
            try:
                with open(path, "rb") as file:
                    after: bytes | None = file.read()
            except FileNotFoundError:
                after = None
            changes.append(Change(fragment, _parsed(before), _parsed(after)))
    return changes


def _parsed(content: bytes | None) -> ET.Element | None:
    try:
        return None if content is None else ET.fromstring(content)
    except ET.ParseError:
        return None


def ask(server: Server, name: str, question: Question) -> list[Finding]:
    """Findings for what the server shows otherwise. What it does not let the user see is none."""
    try:
        rows = server.rows(question.query) if question.query else _logins(server, question)
    except ClickHouseError as error:
        if DENIED.search(str(error)):
            return []
        return [Finding("reload", CRITICAL, name, first_line(str(error)), f"an answer to {question.query}")]
    return [
        Finding(
            "reload",
            CRITICAL,
            name,
            f"{wanted.fragment}: the {question.kind} {setting} is {found}",
            "no such" if wanted.value is None else wanted.value,
            HINT,
        )
        for setting, wanted, found in mistakes(question, answers(question, rows))
    ]


def _logins(server: Server, question: Question) -> list[dict]:
    """The users whom a server knows that has no table of them: it says so to a wrong password."""
    rows = []
    for user in question.wanted:
        try:
            Server(server.host, server.port, user, NO_PASSWORD, server.timeout).execute("SELECT 1")
        except ClickHouseError as error:
            if UNKNOWN_USER.search(str(error)):
                continue
        rows.append({"name": user, "value": PRESENT})
    return rows


def rejection(directory: str, since: float) -> str:
    """What the log of the server says about files that it did not take over; empty when it says nothing.

    directory: of config.xml. since: seconds of the clock.
    """
    config = read_config(os.path.join(directory, "config.xml"))
    path = ((config.findtext("logger/errorlog") if config is not None else "") or ERROR_LOG).strip()
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - TAIL))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    first = time.strftime("%Y%m%d%H%M%S", time.localtime(since))
    for line in reversed(lines):
        at, found = TIME.match(line), REJECTED.search(line)
        if at and found and "".join(at.groups()) >= first:
            return found[1][:500]
    return ""
