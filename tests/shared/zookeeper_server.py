# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A real ZooKeeper on the loopback, from the packages of the distribution, and a proxy that can cut its clients off."""

import contextlib
import itertools
import socket
import threading
import time
from pathlib import Path

import yaml
from process import ServerProcess

CHECKOUT = Path(__file__).resolve().parents[2]
# scripts/zookeeper.sh installs it. The class path of the role, without its configuration directory.
VARIABLES = yaml.safe_load((CHECKOUT / "roles" / "zookeeper" / "vars" / "main.yml").read_text())
CLASS_PATH = VARIABLES["__zookeeper_class_path"][1:]
START_TIMEOUT = 30.0
# Milliseconds. A session may be as short as two ticks.
TICK = 200


# Ports of one run of tests, below those that the kernel gives to connections.
SPAN = 400


def _own_ports():
    """A range of ports that no other run has: it keeps the first one while it lives."""
    for first in range(10000, 30000, SPAN):
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", first)), itertools.cycle(range(first + 1, first + SPAN))
    raise RuntimeError("no range of ports is free")


CLAIM, PORTS = _own_ports()


def free_ports(number):
    """The first of consecutive ports that nobody listens on."""
    while True:
        ports = [next(PORTS) for _ in range(number)]
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for port in ports:
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
            if ports[-1] - ports[0] == number - 1:
                return ports[0]


def free_port():
    return free_ports(1)


class ZooKeeper(ServerProcess):
    """One standalone server; stop() and start() keep its data and its port."""

    def __init__(self, directory):
        super().__init__(directory)
        self.port = free_port()
        (directory / "log4j.properties").write_text("log4j.rootLogger=OFF\n")
        (directory / "zoo.cfg").write_text(
            f"tickTime={TICK}\ndataDir={directory}/data\nclientPort={self.port}\nclientPortAddress=127.0.0.1\n"
            "maxSessionTimeout=60000\nadmin.enableServer=false\nforceSync=no\n4lw.commands.whitelist=srvr,dump\n"
        )

    @property
    def endpoint(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        command = ["java", "-Xmx128m", "-cp", ":".join([str(self.directory), *CLASS_PATH])]
        command += ["org.apache.zookeeper.server.quorum.QuorumPeerMain", str(self.directory / "zoo.cfg")]
        self.launch(command)
        until(self._serves, START_TIMEOUT, "ZooKeeper serves")

    def _serves(self):
        assert self.process.poll() is None, (self.directory / "output").read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as connection:
            connection.sendall(b"srvr")
            return b"Mode" in connection.recv(4096)
        return False


@contextlib.contextmanager
def zookeeper(directory):
    server = ZooKeeper(directory)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def until(condition, timeout, what):
    """Waits for a condition; returns what it returns."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < deadline, f"not within {timeout} s: {what}"
        time.sleep(0.02)


class Proxy:
    """Forwards connections to a port; cut() closes them and accepts no more until mend()."""

    def __init__(self, target):
        self.target, self.is_cut, self.pairs = target, False, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint(self):
        return f"127.0.0.1:{self.port}"

    def cut(self):
        self.is_cut = True
        for connection in self.pairs:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.pairs.clear()

    def mend(self):
        self.is_cut = False

    def close(self):
        self.cut()
        self.listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _address = self.listener.accept()
                if self.is_cut:
                    client.close()
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", self.target))
                except OSError:
                    client.close()
                    continue
                self.pairs += [client, server]
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._forward, args=ends, daemon=True).start()

    @staticmethod
    def _forward(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
