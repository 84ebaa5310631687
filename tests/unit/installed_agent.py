# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The agent as a process of its own, installed like the role does it, where the collection cannot be imported."""

import json
import shutil
import socket
import subprocess
import sys

from helpers import CHECKOUT
from zookeeper_server import free_port, until

MODULE_UTILS = CHECKOUT / "plugins" / "module_utils"
SCRIPT = CHECKOUT / "roles" / "discovery" / "templates" / "sbin" / "zoohouse-agent.j2"
LIBRARY = "/usr/local/lib/zoohouse"


class InstalledAgent:
    """settings: differences from a replica ch1 whose server listens on `http`. Times are short."""

    def __init__(self, directory, http, zookeeper, **settings):
        self.directory, self.process = directory, None
        self.runtime_dir, self.state_dir = directory / "run", directory / "state"
        self.state_dir.mkdir()
        library = directory / "library"
        for package, pattern in (("discovery", "*.py"), ("clickhouse", "http.py")):
            (library / "zoohouse_agent" / package).mkdir(parents=True)
            for path in (MODULE_UTILS / package).glob(pattern):
                shutil.copy(path, library / "zoohouse_agent" / package)
        script = SCRIPT.read_text()
        assert LIBRARY in script
        (directory / "zoohouse-agent").write_text(script.replace(LIBRARY, str(library)))
        self.port = free_port()
        self.settings = {
            "cluster": "main",
            "shard": "01",
            "replica": "ch1",
            "host": "ch1",
            "addresses": ["ch1"],
            "ports": {"http": http, "tcp": 9000, "interserver": 9009, "check": self.port},
            "zookeeper": [zookeeper],
            "login_user": "cluster",
            "login_password": "secret",
            "check_address": "127.0.0.1",
            "session_timeout": 2.0,
            "interval": 0.05,
            "timeout": 1.5,
            "settle": 0.5,
            "runtime_dir": str(self.runtime_dir),
            "state_dir": str(self.state_dir),
            **settings,
        }
        self.save()

    def save(self):
        (self.directory / "settings.json").write_text(json.dumps(self.settings))

    @property
    def log(self):
        return (self.directory / "log").read_text()

    def command(self, *arguments):
        """The command line. -I: only the standard library and what is installed for this Python."""
        script = str(self.directory / "zoohouse-agent")
        return [sys.executable, "-IB", script, "--config", str(self.directory / "settings.json"), *arguments]

    def run(self, *arguments):
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False, timeout=30)

    def start(self, wait=True):
        # systemd makes the runtime directory for each start.
        shutil.rmtree(self.runtime_dir, ignore_errors=True)
        self.runtime_dir.mkdir()
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(self.command("run"), stderr=log, stdout=log)
        if wait:
            until(self.status, 20, "the agent runs")

    def stop(self):
        """SIGTERM, as systemd sends it. Returns the exit code."""
        self.process.terminate()
        return self.process.wait(20)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def status(self):
        assert self.process.poll() is None, self.log
        path = self.runtime_dir / "status.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def answer(self):
        """What HAProxy's agent-check would read: all until the agent closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.settimeout(5)
            return b"".join(iter(lambda: connection.recv(4096), b"")).decode()

    def becomes(self, state, timeout=10):
        return until(lambda: self.status().get("state") == state, timeout, state)

    def registers(self, outcome="registered"):
        return until(lambda: self.status().get("registration") == outcome, 10, outcome)
