"""The cost of a site.yml run that changes nothing, as a multiple of one ping round over the same hosts."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
REPEATS = 3
ROUNDS = 10


def play(playbook: Path, *options: str) -> tuple[float, dict]:
    """Seconds that a playbook took, and the rounds of each host."""
    with tempfile.NamedTemporaryFile(suffix=".json") as counted:
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "rounds",
            "ROUNDS_FILE": counted.name,
        }
        command = ["ansible-playbook", "-i", str(CHECKOUT / "inventories/lab"), str(playbook), *options]
        start = time.monotonic()
        done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True)
        seconds = time.monotonic() - start
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        return seconds, json.loads(Path(counted.name).read_text())


def pings(rounds: int) -> float:
    return play(HERE / "ping.yml", "-e", f"rounds={rounds}")[0]


def main() -> None:
    play(CHECKOUT / "playbooks/site.yml")
    # The difference leaves out what starting Ansible costs.
    one_round = statistics.median((pings(ROUNDS + 1) - pings(1)) / ROUNDS for _ in range(REPEATS))
    runs = [play(CHECKOUT / "playbooks/site.yml") for _ in range(REPEATS)]
    seconds = statistics.median(taken for taken, _counts in runs)
    counts = runs[-1][1]
    print(f"machine            {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"one ping round     {one_round:6.2f} s")
    print(f"no-op site.yml     {seconds:6.2f} s = {seconds / one_round:.1f} ping rounds, changed={counts['changed']}")
    print("task rounds        " + ", ".join(f"{host} {count}" for host, count in sorted(counts["rounds"].items())))


if __name__ == "__main__":
    main()
