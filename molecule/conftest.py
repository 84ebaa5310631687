"""What the tests of all scenarios share."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab import Lab

# Printed for each host when a test fails.
DIAGNOSE = (
    "systemctl --no-pager --failed; "
    "journalctl --no-pager -n 30 -u zookeeper -u clickhouse-server; "
    "tail -n 20 /var/log/zookeeper/zookeeper.log /var/log/clickhouse-server/clickhouse-server.err.log 2>/dev/null"
)


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest) -> Lab:
    return Lab(Path(request.config.getoption("ansible_inventory")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    if report.failed and "lab" in getattr(item, "funcargs", {}):
        lab = item.funcargs["lab"]
        for host in lab.tree["hosts"]:
            result = subprocess.run(
                ["docker", "exec", f"{lab.variable(host, 'lab_name')}-{host}", "sh", "-c", DIAGNOSE],
                capture_output=True,
                text=True,
            )
            report.sections.append((f"journal and logs of {host}", result.stdout + result.stderr))
    return report
