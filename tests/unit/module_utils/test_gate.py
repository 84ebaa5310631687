# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Look, judge, and look again."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils import gate
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING, Finding

WELL = [Finding("serving", OK, "zk1", "leader", "leader or follower")]
SLOW = [Finding("avg_latency", WARNING, "zk1", "200 ms", "at most 100 ms")]
SICK = [Finding("serving", CRITICAL, "zk1", "no answer", "leader or follower", "Start it.")]


class Looks:
    """Shows one list of findings after the other, and counts how often it was asked."""

    def __init__(self, *shown):
        self.shown, self.count = list(shown), 0

    def __call__(self):
        self.count += 1
        return self.shown.pop(0) if len(self.shown) > 1 else self.shown[0]


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(gate, "INTERVAL", 0.001)


@pytest.mark.parametrize("shown", [WELL, SLOW, []])
def test_nothing_critical_ends_it_at_once(shown):
    looks = Looks(shown)
    assert gate.wait_until_well(looks, 60) == shown
    assert looks.count == 1


def test_it_looks_again_until_it_is_well():
    looks = Looks(SICK, SICK, WELL)
    assert gate.wait_until_well(looks, 60) == WELL
    assert looks.count == 3


def test_without_time_it_looks_once():
    looks = Looks(SICK, WELL)
    assert gate.wait_until_well(looks, 0) == SICK
    assert looks.count == 1


def test_the_last_look_is_returned_when_the_time_is_over():
    looks = Looks(SICK)
    assert gate.wait_until_well(looks, 0.05) == SICK
    assert looks.count > 1


class Module:
    """What conclude() needs of an AnsibleModule."""

    def __init__(self, **params):
        self.params = {"timeout": 0.0, "report_only": False, **params}
        self.ended = None

    def exit_json(self, **result):
        self.ended = self.ended or ("exit", result)

    def fail_json(self, **result):
        self.ended = self.ended or ("fail", result)


def test_a_gate_that_is_well_changes_nothing():
    module = Module()
    gate.conclude(module, SLOW, "Not well", leader="zk1")
    assert module.ended == (
        "exit",
        {"changed": False, "healthy": True, "leader": "zk1", "findings": [SLOW[0].as_dict()]},
    )


def test_a_gate_that_is_not_well_fails_with_its_findings():
    module = Module(timeout=30.0)
    gate.conclude(module, SICK, "Not well")
    how, result = module.ended
    assert how == "fail"
    assert result["healthy"] is False
    assert result["msg"].splitlines() == ["Not well after 30 s:", f"- {SICK[0].sentence()}"]


def test_a_report_never_fails():
    module = Module(report_only=True)
    gate.conclude(module, SICK, "Not well")
    assert module.ended[0] == "exit"
    assert module.ended[1]["healthy"] is False
