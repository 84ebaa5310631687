"""The stages of a cluster that grows, and clients that use it all the time."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import Lab, QueryError

INVENTORY = Path(__file__).parent.parent / "inventory"
# Rows of one insert.
BLOCK = 100


class Client(threading.Thread):
    """Does the same again and again, until it is stopped. errors: what failed. rows: how many it has written."""

    def __init__(self, action: Callable[[int], None]) -> None:
        super().__init__(daemon=True)
        self._action, self._stopped = action, threading.Event()
        self.count, self.errors = 0, []

    @property
    def rows(self) -> int:
        return self.count * BLOCK

    def run(self) -> None:
        # Six replicas share the processors with the playbooks.
        while not self._stopped.wait(0.5):
            try:
                self._action(self.count)
            except (QueryError, OSError, AssertionError) as error:
                self.errors.append(f"{type(error).__name__}: {error}")
            self.count += 1

    def stop(self) -> None:
        self._stopped.set()
        self.join(timeout=90)


@pytest.fixture(scope="session")
def command(lab: Lab):
    """The command of a playbook for one stage of the cluster."""

    def build(name: str, stage: str, *options: str) -> list[str]:
        group = ["-e", f"topology_clickhouse_group={stage}"]
        return ["ansible-playbook", "-i", str(INVENTORY), f"playbooks/{name}.yml", *group, *options]

    return build


@pytest.fixture(scope="session")
def playbook(lab: Lab, command):
    def run(name: str, stage: str, *options: str) -> subprocess.CompletedProcess:
        return lab.run(command(name, stage, *options))

    return run


@pytest.fixture(scope="session")
def knows(lab: Lab):
    """The hosts that a replica sends distributed queries to."""

    def read(host: str) -> set[str]:
        return set(lab.sql(host, "SELECT host_name FROM system.clusters WHERE cluster = 'main'").split())

    return read


@pytest.fixture(scope="module")
def clients(lab: Lab):
    """Two writers, one for each shard, and a reader, on replicas of the first stage."""

    def writer(host: str, shard: int) -> Callable[[int], None]:
        def insert(number: int) -> None:
            first = (2 * number + shard) * BLOCK
            query = f"INSERT INTO demo.hits SELECT today(), number + {first} FROM system.numbers LIMIT {BLOCK}"
            lab.sql(host, query)

        return insert

    least = int(lab.sql("ch2", "SELECT count() FROM demo.hits_all"))

    def read(_number: int) -> None:
        found = int(lab.sql("ch2", "SELECT count() FROM demo.report"))
        assert found >= least, f"{found} rows, of at least {least}"

    running = [Client(writer("ch1", 0)), Client(writer("ch3", 1)), Client(read)]
    for client in running:
        client.start()
    yield running
    for client in running:
        client.stop()
