# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A server process that can be frozen, killed and started again, and answers what a ClickHouse server answered.

It is the nearest thing to a server where none can be installed.
"""

import contextlib
import http.client
import subprocess
import sys
from pathlib import Path

from zookeeper_server import free_port, until

PROCESS = Path(__file__).resolve().parent / "replica_process.py"


class ReplicaServer:
    """The process. `situation` may change while it runs."""

    def __init__(self, directory):
        self.port, self.file, self.process = free_port(), directory / "situation", None
        self.situation = "healthy"
        self.open_queries(0)

    @property
    def situation(self):
        return self.file.read_text()

    @situation.setter
    def situation(self, name):
        self.file.with_suffix(".new").write_text(name)
        self.file.with_suffix(".new").replace(self.file)

    def open_queries(self, number):
        (self.file.parent / "open.new").write_text(str(number))
        (self.file.parent / "open.new").replace(self.file.with_name("open"))

    def start(self):
        self.process = subprocess.Popen([sys.executable, str(PROCESS), str(self.port), str(self.file)])
        until(self._listens, 20, "the server listens")

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def signal(self, number):
        self.process.send_signal(number)

    def _listens(self):
        assert self.process.poll() is None
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("GET", "/ping")
            return connection.getresponse().status == 200
        return False
