"""Clients that use the cluster through the balancers all the time."""

from __future__ import annotations

import http.client
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from clients import BALANCERS, BLOCK, Client, Traffic

from lab import Lab, QueryError

INVENTORY = Path(__file__).parent.parent / "inventory"


def password(lab: Lab) -> str:
    return lab.variable("ch1", "clickhouse_admin_password")


@pytest.fixture(scope="session")
def ask(lab: Lab):
    """A query over HTTP through a balancer."""

    def query(balancer: str, text: str, port: int = 8123) -> str:
        request = urllib.request.Request(
            f"http://{lab.address(balancer)}:{port}/",
            data=text.encode(),
            headers={"X-ClickHouse-User": "admin", "X-ClickHouse-Key": password(lab)},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read().decode().strip()
        except urllib.error.HTTPError as error:
            raise QueryError(error.read().decode()) from error

    return query


@pytest.fixture(scope="session")
def ask_native(lab: Lab):
    """A query in the native protocol through a balancer, with the client of a member of the cluster."""

    def query(balancer: str, text: str, port: int = 9000) -> str:
        # On the balancer's own side of the network, and not on a replica that a test may stop.
        command = ["docker", "exec", f"{lab.variable('ch4', 'lab_name')}-ch4", "clickhouse-client"]
        command += ["--host", lab.address(balancer), "--port", str(port), "--user", "admin"]
        command += ["--password", password(lab), "--query", text]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    return query


@pytest.fixture(scope="session")
def answering(ask):
    """Which replicas answer some queries through both balancers, and the errors of queries that fail."""

    def answer(balancer: str, port: int) -> str:
        try:
            return ask(balancer, "SELECT hostName()", port)
        except (QueryError, OSError, http.client.HTTPException) as error:
            return f"{type(error).__name__}: {error}"

    def hosts(port: int = 8123) -> set[str]:
        return {answer(balancer, port) for balancer in BALANCERS for _ in range(8)}

    return hosts


@pytest.fixture(scope="session")
def measured(request):
    """Shows a figure in the output of the tests."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def show(text: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n  {text}")

    return show


@pytest.fixture(scope="session")
def playbook(lab: Lab):
    def run(name: str, *options: str) -> subprocess.CompletedProcess:
        done = lab.run(["ansible-playbook", "-i", str(INVENTORY), f"playbooks/{name}.yml", *options])
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    return run


@pytest.fixture(scope="session", autouse=True)
def traffic(lab: Lab, ask, ask_native):
    for statement in (
        "CREATE DATABASE demo ON CLUSTER main",
        "CREATE TABLE demo.hits ON CLUSTER main (day Date, id UInt64) ENGINE = "
        "ReplicatedMergeTree('/tables/{shard}/demo/hits', '{replica}') PARTITION BY day ORDER BY id",
    ):
        lab.sql("ch1", statement, distributed_ddl_task_timeout=60)

    def writer(query: Callable[..., str], balancer: str, port: int) -> Client:
        def insert(number: int) -> None:
            first = number * BLOCK
            # The same block again when it failed, which the replicas recognize.
            query(
                balancer,
                f"INSERT INTO demo.hits SELECT today(), number + {first} FROM system.numbers LIMIT {BLOCK}",
                port,
            )

        return Client(insert)

    def reader(query: Callable[..., str], balancer: str) -> Client:
        return Client(lambda _number: int(query(balancer, "SELECT count() FROM demo.hits")) and None)

    running = Traffic(
        {
            "writer 01": writer(ask, "lb1", 8201),
            "writer 02": writer(ask, "lb2", 8202),
            "reader lb1": reader(ask, "lb1"),
            "reader lb2": reader(ask, "lb2"),
            "native": reader(ask_native, "lb1"),
        }
    )
    for client in running.clients.values():
        client.start()
    yield running
    for client in running.clients.values():
        client.stop()
