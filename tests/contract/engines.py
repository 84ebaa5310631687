# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Real ClickHouse engines, each in a process of its own, as servers that the module_utils can ask."""

import contextlib
import json
import select
import subprocess
import threading
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import (
    ClickHouseError,
    Server,
    first_line,
)

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
# One environment for each file of requirements/engines, made by scripts/contract.sh.
ENVIRONMENTS = CHECKOUT / ".cache" / "contract"
# The versions that are tested, each as the role gets it.
VERSIONS = sorted(path.stem for path in (CHECKOUT / "requirements" / "engines").glob("*.txt"))
# Seconds for one answer. An engine that crashes may look for its own symbols for minutes.
DEADLINE = 30
# The server of the package reads this file; the role only adds fragments beside it.
CONFIG = """\
<clickhouse>
    <path>{data}/</path>
    <tmp_path>{data}/tmp/</tmp_path>
    <users_config>{directory}/users.xml</users_config>
</clickhouse>
"""
# The user that this process is asks for everything.
USERS = """\
<clickhouse>
    <profiles><default/></profiles>
    <users>
        <default>
            <password/>
            <networks><ip>::/0</ip></networks>
            <profile>default</profile>
            <quota>default</quota>
            <access_management>1</access_management>
            <named_collection_control>1</named_collection_control>
        </default>
    </users>
    <quotas><default/></quotas>
</clickhouse>
"""

# An ensemble that nobody can reach, and a cluster that is looked up in it.
NODE = "<node><host>127.0.0.1</host><port>1</port></node>"
ZOOKEEPER = f"<zookeeper>{NODE}</zookeeper>"
DISCOVERY = "<remote_servers><c><discovery><path>/c</path></discovery></c></remote_servers>"


def library(version: str) -> Path:
    """The program of an engine."""
    (path,) = (ENVIRONMENTS / version / "lib").glob("*/site-packages/chdb/_chdb.*so")
    return path


class EngineFailure(AssertionError):
    """The engine does not load a configuration, or it has crashed."""


class Engine:
    """An engine with the configuration in a directory, in which config.xml and users.xml are added. Close it after use.

    Raises EngineFailure if it does not load it.
    """

    def __init__(self, version: str, directory: Path) -> None:
        self.version = version
        data = directory / "data"
        data.mkdir()
        (directory / "config.xml").write_text(CONFIG.format(data=data, directory=directory))
        (directory / "users.xml").write_text(USERS)
        # The functions that ask a server do it in several threads.
        self._turn = threading.Lock()
        self._log = directory / "stderr.log"
        python = ENVIRONMENTS / version / "bin" / "python"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [python, HERE / "runner.py", directory / "config.xml", data],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        try:
            self.full_version = self._answer()
        except (ClickHouseError, EngineFailure) as error:
            self.close()
            raise EngineFailure(f"{version}: {error}") from None

    def query(self, query: str) -> str:
        """The answer as text, tab-separated unless the query asks for another format."""
        with self._turn:
            try:
                print(json.dumps({"query": query}), file=self._process.stdin, flush=True)
            except BrokenPipeError:
                raise EngineFailure(self._cause()) from None
            return self._answer()

    def rows(self, query: str) -> list[dict]:
        return EngineServer(self).rows(query)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Ends the process; an engine that hangs is killed."""
        # Only what a process that has ended did not take is lost.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process.stdout.close()

    def _answer(self) -> str:
        # Each answer is one line, and nothing else is in the buffer.
        if not select.select([self._process.stdout], [], [], DEADLINE)[0]:
            self.kill()
        line = self._process.stdout.readline()
        if not line:
            raise EngineFailure(self._cause())
        values = json.loads(line)
        if "error" in values:
            raise ClickHouseError(first_line(values["error"]))
        return values["text"]

    def _cause(self) -> str:
        return f"the process ended with {self._process.wait()}: {self._log.read_text()[-2000:]}"


class EngineServer(Server):
    """An engine in the place of the HTTP interface of a server."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(host=f"engine-{engine.version}")
        # The class is frozen.
        object.__setattr__(self, "engine", engine)

    def _request(self, method: str, path: str, body: str) -> str:
        if path == "/ping":
            return "Ok.\n"
        for name, value in parse_qsl(urlsplit(path).query):
            self.engine.query(f"SET {name} = {value}")
        return self.engine.query(body)
