# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Check, and check again until it is healthy or the time is over."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils import health_check
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING, Finding

HEALTHY = [Finding("serving", OK, "zk1", "leader", "leader or follower")]
SLOW = [Finding("avg_latency", WARNING, "zk1", "200 ms", "at most 100 ms")]
UNHEALTHY = [Finding("serving", CRITICAL, "zk1", "no answer", "leader or follower", "Start it.")]


class Checks:
    """Shows one list of findings after the other, and counts how often it was asked."""

    def __init__(self, *shown):
        self.shown, self.count = list(shown), 0

    def __call__(self):
        self.count += 1
        return self.shown.pop(0) if len(self.shown) > 1 else self.shown[0]


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(health_check, "INTERVAL", 0.001)


@pytest.mark.parametrize("shown", [HEALTHY, SLOW, []])
def test_nothing_critical_ends_it_at_once(shown):
    checks = Checks(shown)
    assert health_check.wait_until_healthy(checks, 60) == shown
    assert checks.count == 1


def test_it_checks_again_until_it_is_healthy():
    checks = Checks(UNHEALTHY, UNHEALTHY, HEALTHY)
    assert health_check.wait_until_healthy(checks, 60) == HEALTHY
    assert checks.count == 3


def test_without_a_timeout_it_checks_once():
    checks = Checks(UNHEALTHY, HEALTHY)
    assert health_check.wait_until_healthy(checks, 0) == UNHEALTHY
    assert checks.count == 1


def test_the_last_findings_are_returned_when_the_time_is_over():
    checks = Checks(UNHEALTHY)
    assert health_check.wait_until_healthy(checks, 0.05) == UNHEALTHY
    assert checks.count > 1


class Module:
    """What exit_with_findings() needs of an AnsibleModule."""

    def __init__(self, **params):
        self.params = {"timeout": 0.0, "report_only": False, **params}
        self.ended = None

    def exit_json(self, **result):
        self.ended = self.ended or ("exit", result)

    def fail_json(self, **result):
        self.ended = self.ended or ("fail", result)


def test_a_passed_health_check_changes_nothing():
    module = Module()
    health_check.exit_with_findings(module, SLOW, "Not healthy", leader="zk1")
    assert module.ended == (
        "exit",
        {"changed": False, "healthy": True, "leader": "zk1", "findings": [SLOW[0].as_dict()]},
    )


def test_a_failed_health_check_fails_with_its_findings():
    module = Module(timeout=30.0)
    health_check.exit_with_findings(module, UNHEALTHY, "Not healthy")
    how, result = module.ended
    assert how == "fail"
    assert result["healthy"] is False
    assert result["msg"].splitlines() == ["Not healthy after 30 s:", f"- {UNHEALTHY[0].sentence()}"]


def test_a_report_never_fails():
    module = Module(report_only=True)
    health_check.exit_with_findings(module, UNHEALTHY, "Not healthy")
    assert module.ended[0] == "exit"
    assert module.ended[1]["healthy"] is False
