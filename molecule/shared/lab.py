"""The hosts of a scenario, as clients and operators use them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import testinfra
import yaml
from kazoo.client import KazooClient

CHECKOUT = Path(__file__).resolve().parent.parent.parent


class QueryError(Exception):
    """A server answered with an error."""


def descendants(pid: int) -> list[int]:
    """All processes below a process; Ansible's workers are in sessions of their own."""
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        # It has ended since its parent was read.
        return []
    return [*children, *(pid for child in children for pid in descendants(child))]


class Lab:
    """The hosts of one scenario."""

    checkout = CHECKOUT

    def __init__(self, inventory: Path) -> None:
        self.inventory = inventory
        self.tree = yaml.safe_load(inventory.read_text())["all"]

    def hosts(self, group: str) -> list[str]:
        return list(self.tree["children"][group]["hosts"])

    def variable(self, host: str, name: str):
        return self.tree["hosts"][host][name]

    def address(self, host: str) -> str:
        return self.variable(host, "ansible_host")

    def on(self, host: str):
        """The testinfra host, over ssh."""
        return testinfra.get_host(f"ansible://{host}?ansible_inventory={self.inventory}")

    def shell(self, host: str, command: str) -> str:
        return self.on(host).check_output(command)

    def pid(self, host: str, service: str) -> int:
        return int(self.shell(host, f"systemctl show --property=MainPID --value {service}"))

    def main_process(self, host: str) -> int:
        """The first process of a host's container, as the machine that runs the tests numbers it."""
        name = f"{self.variable(host, 'lab_name')}-{host}"
        command = ["docker", "inspect", "--format", "{{.State.Pid}}", name]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def network(self, process: int, verb: str, address: str) -> None:
        """Cuts a host off from an address (verb add), or connects it again (del)."""
        command = ["nsenter", f"--target={process}", "--net", "ip", "route", verb, "blackhole", f"{address}/32"]
        subprocess.run(command, check=True, capture_output=True)

    def docker(self, verb: str, *hosts: str) -> None:
        names = [f"{self.variable(host, 'lab_name')}-{host}" for host in hosts]
        subprocess.run(["docker", verb, *names], check=True, capture_output=True)

    def ansible(self, program: str, *args: str, **environment: str) -> subprocess.CompletedProcess:
        """Run ansible or ansible-playbook against this lab, as an operator does."""
        return self.run(self.command(program, *args), **environment)

    def run(self, command: list[str], **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            command, cwd=CHECKOUT, env=self.environment() | environment, capture_output=True, text=True
        )

    def command(self, program: str, *args: str) -> list[str]:
        return [program, "-i", str(CHECKOUT / "inventories/lab"), *args]

    def environment(self) -> dict[str, str]:
        first = next(iter(self.tree["hosts"].values()))
        return {
            **os.environ,
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(self.inventory.parent / f"{first['lab_name']}-facts"),
            "LAB_NAME": first["lab_name"],
            "LAB_SUBNET": first["ansible_host"].rpartition(".")[0],
            "LAB_HOME": str(self.inventory.parent),
        }

    @contextmanager
    def start(self, command: list[str]) -> Iterator[subprocess.Popen]:
        """Starts a command, whose output is a pipe; kills it, with all of its processes, if the block ends first."""
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            yield process
        finally:
            # Not after its end: its number may be that of another process by then.
            if process.poll() is None:
                for pid in [process.pid, *descendants(process.pid)]:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()

    def run_until(self, command: list[str], condition: Callable[[str], bool]) -> None:
        """Runs a command and kills it, with all of its processes, when a line of its output meets the condition."""
        with self.start(command) as process:
            if not any(condition(line) for line in process.stdout):
                raise AssertionError("the command ended by itself")

    def word(self, host: str, word: str, port: int = 2181) -> str:
        """The answer to a four-letter word."""
        with socket.create_connection((self.address(host), port), timeout=5) as connection:
            connection.sendall(word.encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def mode(self, host: str) -> str:
        """The mode of a member; empty when it is not serving or does not answer."""
        try:
            lines = self.word(host, "srvr").splitlines()
        except OSError:
            return ""
        return next((line.split()[1] for line in lines if line.startswith("Mode:")), "")

    def leader(self) -> str:
        return next(host for host in self.hosts("zookeeper") if self.mode(host) == "leader")

    @contextmanager
    def zookeeper(self, *members: str, timeout: float = 15) -> Iterator[KazooClient]:
        """A client of exactly these members."""
        client = KazooClient(",".join(f"{self.address(member)}:2181" for member in members))
        try:
            client.start(timeout=timeout)
            yield client
        finally:
            client.stop()
            client.close()

    def sql(self, host: str, query: str, user: str = "admin", password: str | None = None, **settings) -> str:
        """A query over HTTP, from outside the cluster."""
        if password is None:
            password = self.variable(host, "clickhouse_admin_password")
        request = urllib.request.Request(
            f"http://{self.address(host)}:8123/?{urllib.parse.urlencode(settings)}",
            data=query.encode(),
            headers={"X-ClickHouse-User": user, "X-ClickHouse-Key": password},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read().decode().strip()
        except urllib.error.HTTPError as error:
            raise QueryError(error.read().decode()) from error

    def serves(self, host: str) -> bool:
        """Whether a server answers queries."""
        try:
            return self.sql(host, "SELECT 1") == "1"
        except OSError:
            return False

    def reads(self, host: str, query: str, expected: str, seconds: float = 30) -> None:
        """Waits until a replica, which fetches asynchronously, returns the expected answer."""
        deadline = time.monotonic() + seconds
        while (answer := self.sql(host, query)) != expected and time.monotonic() < deadline:
            time.sleep(0.2)
        assert answer == expected, f"{host}: {query}"

    def until(self, condition: Callable[[], object], seconds: float, what: str):
        """The first true result of a condition; fails when there is none in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if answer := condition():
                return answer
            time.sleep(0.2)
        raise AssertionError(f"not within {seconds} s: {what}")
