# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A real ZooKeeper on the loopback, with a client that sees what the engines store there."""

from pathlib import Path

from kazoo.client import KazooClient
from zookeeper_server import ZooKeeper


class Ensemble:
    """A member that serves, with its data in a directory. Close it after use."""

    def __init__(self, directory: Path) -> None:
        self._server = ZooKeeper(directory)
        self._server.start()
        self.port = self._server.port
        self.client = KazooClient(self._server.endpoint)
        self.client.start()

    def paths(self, root: str = "/") -> dict[str, bytes]:
        """The data of each znode below a path."""
        found = {}
        for name in self.client.get_children(root):
            path = f"{root.rstrip('/')}/{name}"
            if path != "/zookeeper":
                found[path] = self.client.get(path)[0]
                found.update(self.paths(path))
        return found

    def close(self) -> None:
        self.client.stop()
        self.client.close()
        self._server.stop()
