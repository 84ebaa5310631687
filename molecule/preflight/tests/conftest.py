"""Playbooks against the hosts of this scenario."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

INVENTORY = Path(__file__).parent.parent / "inventory"


@pytest.fixture
def command(lab, tmp_path):
    """The command of a playbook, with additions to the inventory and options."""

    def build(playbook: str, overlay: dict, *options: str) -> list[str]:
        more = tmp_path / "overlay.json"
        more.write_text(json.dumps(overlay))
        return ["ansible-playbook", "-i", str(INVENTORY), "-i", str(more), f"playbooks/{playbook}.yml", *options]

    return build


@pytest.fixture
def playbook(lab, command):
    def run(name: str, overlay: dict, *options: str) -> subprocess.CompletedProcess:
        return lab.run(command(name, overlay, *options))

    return run


@pytest.fixture
def site(playbook):
    return lambda overlay, *options: playbook("site", overlay, *options)


@pytest.fixture(scope="session")
def remove(lab):
    """Removes everything that a deployment of the ensemble leaves on the hosts, except for the packages."""

    def run() -> None:
        for host in lab.hosts("zookeeper"):
            lab.shell(
                host,
                "systemctl stop zookeeper 2>/dev/null; rm -rf /etc/systemd/system/zookeeper.service "
                "/etc/zookeeper/zoohouse /var/lib/zoohouse /var/lib/zookeeper/data /var/lib/zookeeper/log; "
                "systemctl daemon-reload",
            )

    return run
