"""Playbooks against the two clusters of this scenario."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent


@pytest.fixture
def playbook(lab, tmp_path):
    """Runs a playbook. inventory: that of the first cluster, or "second". variables: of all hosts."""

    def run(name: str, *options: str, inventory: str = "inventory", **variables) -> subprocess.CompletedProcess:
        overlay = tmp_path / "overlay.json"
        overlay.write_text(json.dumps({"all": {"vars": variables}}))
        inventories = ["-i", str(HERE / inventory), "-i", str(overlay)]
        return lab.run(["ansible-playbook", *inventories, f"playbooks/{name}.yml", *options])

    return run


@pytest.fixture
def processes(lab):
    """The processes of the servers of the first cluster."""
    return lambda: {host: lab.pid(host, "clickhouse-server") for host in lab.hosts("clickhouse")}
