# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A real ClickHouse 18.16 on the loopback, with the configuration of its package; scripts/clickhouse.sh fetches it."""

import os
import shutil
from pathlib import Path

import pytest
from process import ServerProcess
from zookeeper_server import free_port, until

PACKAGE = Path(__file__).resolve().parents[2] / ".cache" / "clickhouse-server"
PROGRAM = PACKAGE / "usr" / "sbin" / "clickhouse-server"
LIBRARIES = [PACKAGE / place / "x86_64-linux-gnu" for place in ("usr/lib", "lib")]
# scripts/clickhouse.sh unpacks it where the distribution has it.
NEEDS_PACKAGE = pytest.mark.skipif(not PROGRAM.exists(), reason="this distribution has no ClickHouse 18.16")
START_TIMEOUT = 30.0
SESSION_MS = 2000


class ClickHouse(ServerProcess):
    """One server; stop() and start() keep its data and its ports. answers: whether it answers a query of the test."""

    def __init__(self, directory, zookeeper_port, root, answers):
        super().__init__(directory)
        self.answers = answers
        self.port, ports = free_port(), [free_port(), free_port()]
        shutil.copytree(PACKAGE / "etc" / "clickhouse-server", directory / "etc")
        elements = {"http_port": self.port, "tcp_port": ports[0], "interserver_http_port": ports[1]}
        elements |= {"path": f"{directory}/data/", "tmp_path": f"{directory}/tmp/", "listen_host": "127.0.0.1"}
        elements |= {"user_files_path": f"{directory}/files/", "format_schema_path": f"{directory}/schemas/"}
        node = f"<node><host>127.0.0.1</host><port>{zookeeper_port}</port></node>"
        timeout = f"<session_timeout_ms>{SESSION_MS}</session_timeout_ms>"
        self.write(
            "test",
            "".join(f'<{name} replace="replace">{value}</{name}>' for name, value in elements.items())
            + f'<zookeeper replace="replace">{node}{timeout}<root>{root}</root></zookeeper>'
            + f'<logger replace="replace"><log>{directory}/log</log><errorlog>{directory}/errors</errorlog></logger>'
            + '<macros replace="replace"><shard>01</shard></macros><remote_servers replace="replace"/>',
        )

    @property
    def preprocessed_dir(self):
        return self.directory / "data" / "preprocessed_configs"

    def write(self, name, elements):
        """A fragment of config.d, put there as a whole, because a running server reads it at once."""
        place = self.directory / "etc" / "config.d"
        place.mkdir(exist_ok=True)
        (place / name).write_text(f"<yandex>{elements}</yandex><!-- A digest may follow. -->\n")
        (place / name).replace(place / f"{name}.xml")

    def launch_server(self):
        """Starts the server, and does not wait."""
        # Under another name, because other tests look for a clickhouse-server of this host.
        program = self.directory / "server"
        if not program.exists():
            program.symlink_to(PROGRAM)
        environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(str(place) for place in LIBRARIES)}
        self.launch([str(program), f"--config-file={self.directory}/etc/config.xml"], env=environment)

    def start(self):
        self.launch_server()
        until(self._serves, START_TIMEOUT, "ClickHouse serves")

    def _serves(self):
        assert self.process.poll() is None, (self.directory / "errors").read_text()[-2000:]
        return self.answers(self)
