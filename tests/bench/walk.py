"""Reading 100,000 znodes with data: the walk, kazoo one by one, and zkCli's `ls -R`, which reads names only."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time

from kazoo.client import KazooClient

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.walk import walk

ROOT = "/bench"
PARENTS, LEAVES = 100, 1000
DATA = b"d" * 100


def hosts(subnet: str) -> list[str]:
    return [f"{subnet}.{number}:2181" for number in (11, 12, 13)]


def started(endpoint: str) -> KazooClient:
    client = KazooClient(endpoint)
    client.start()
    return client


def fill(client: KazooClient) -> None:
    client.ensure_path(ROOT)
    for parent in range(PARENTS):
        transaction = client.transaction()
        transaction.create(f"{ROOT}/{parent:03}", DATA)
        for leaf in range(LEAVES):
            transaction.create(f"{ROOT}/{parent:03}/leaf-{leaf:010}", DATA)
        transaction.commit()


def one_by_one(client: KazooClient, path: str) -> int:
    """As most tools do it: two requests for each znode, each waiting for the answer to the one before."""
    client.get(path)
    return 1 + sum(one_by_one(client, f"{path}/{name}") for name in client.get_children(path))


def measure(how: str, endpoints: list[str]) -> None:
    clients = [started(endpoint) for endpoint in endpoints]
    start = time.monotonic()
    count = one_by_one(clients[0], ROOT) if how == "one by one" else sum(1 for _znode in walk(clients, ROOT))
    seconds = time.monotonic() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "count": count, "memory": memory}))


def run(how: str, endpoints: list[str]) -> dict:
    # A process of its own, so that the memory is that of this walk.
    command = [sys.executable, __file__, how, *endpoints]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def list_names(container: str) -> dict:
    command = ["docker", "exec", container, "/usr/share/zookeeper/bin/zkCli.sh", "ls", "-R", ROOT]
    start = time.monotonic()
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = sum(line.startswith(ROOT) for line in output.splitlines())
    return {"seconds": time.monotonic() - start, "count": names, "memory": 0}


def main() -> None:
    if len(sys.argv) > 2:
        measure(sys.argv[1], sys.argv[2:])
        return
    endpoints = hosts(os.environ["LAB_SUBNET"])
    client = started(endpoints[0])
    fill(client)
    try:
        rows = {
            "kazoo, one by one": run("one by one", endpoints[:1]),
            "zkCli ls -R": list_names(f"{os.environ['LAB_NAME']}-zk1"),
            "walk, one member": run("walk", endpoints[:1]),
            "walk, 3 members": run("walk", endpoints),
        }
    finally:
        client.delete(ROOT, recursive=True)
        client.stop()
    expected = 1 + PARENTS * (1 + LEAVES)
    for name, row in rows.items():
        assert row["count"] == expected, f"{name}: {row['count']} znodes instead of {expected}"
        memory = f", {row['memory']:.0f} MB" if row["memory"] else ""
        print(f"{name:<18} {row['seconds']:6.2f} s{memory}")


if __name__ == "__main__":
    main()
