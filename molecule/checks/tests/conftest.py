"""The report of health.yml as data, and a table with rows on all replicas."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from lab import QueryError


@dataclass
class Report:
    """What one run of health.yml found."""

    data: dict
    returncode: int
    output: str

    def problems(self) -> list[tuple[str, str, str]]:
        """(severity, subject, check) of everything that is not healthy."""
        return [
            (item["severity"], item["subject"], item["check"])
            for item in self.data["findings"]
            if item["severity"] != "ok"
        ]

    def finding(self, subject: str, check: str) -> dict:
        (found,) = [item for item in self.data["findings"] if (item["subject"], item["check"]) == (subject, check)]
        return found

    def assert_only(self, *expected: tuple[str, str, str]) -> None:
        """Exactly these problems, each as (severity, pattern of the subject, check)."""
        found = self.problems()
        unmatched = [
            item
            for item in found
            if not any(
                item[0] == severity and re.fullmatch(subject, item[1]) and item[2] == check
                for severity, subject, check in expected
            )
        ]
        missing = [
            (severity, subject, check)
            for severity, subject, check in expected
            if not any(item[0] == severity and re.fullmatch(subject, item[1]) and item[2] == check for item in found)
        ]
        assert not unmatched and not missing, f"not expected: {unmatched}; missing: {missing}\n{self.output}"


@pytest.fixture(scope="session")
def report(lab, tmp_path_factory) -> Callable[..., Report]:
    def run(*options: str) -> Report:
        directory = tmp_path_factory.mktemp("report")
        done = lab.ansible("ansible-playbook", "playbooks/health.yml", "-e", f"health_report_dir={directory}", *options)
        file = directory / "health.json"
        assert file.exists(), done.stdout + done.stderr
        return Report(json.loads(file.read_text()), done.returncode, done.stdout + done.stderr)

    return run


@pytest.fixture(scope="session", autouse=True)
def table(lab):
    """demo.hits, replicated, and demo.all over both shards, with rows on each replica."""
    for statement in (
        "CREATE DATABASE demo ON CLUSTER main",
        "CREATE TABLE demo.hits ON CLUSTER main (day Date, id UInt64) ENGINE = "
        "ReplicatedMergeTree('/tables/{shard}/demo/hits', '{replica}') PARTITION BY day ORDER BY id",
        "CREATE TABLE demo.all ON CLUSTER main AS demo.hits ENGINE = Distributed(main, demo, hits, id)",
    ):
        lab.sql("ch1", statement, distributed_ddl_task_timeout=60)
    for host in ("ch1", "ch3"):
        lab.sql(host, "INSERT INTO demo.hits SELECT today(), number FROM numbers(1000)")
    for host in lab.hosts("clickhouse"):
        lab.reads(host, "SELECT count() FROM demo.hits", "1000")


# Tables of a server that are not in sync.
BEHIND = (
    "SELECT countIf(is_readonly OR is_session_expired OR absolute_delay > 60 OR queue_size > 0 "
    "OR active_replicas != total_replicas) FROM system.replicas"
)


def in_sync(lab) -> bool:
    try:
        return all(lab.sql(host, BEHIND) == "0" for host in lab.hosts("clickhouse"))
    except (OSError, QueryError):
        return False


@pytest.fixture
def wait_in_sync(lab) -> Callable[[], object]:
    return lambda: lab.until(lambda: in_sync(lab), 90, "all tables are in sync")


@pytest.fixture
def healthy_again(report, wait_in_sync):
    """After the fault has gone and the replicas have caught up, the report is healthy."""
    yield
    wait_in_sync()
    done = report()
    assert done.returncode == 0 and done.problems() == [], done.output
