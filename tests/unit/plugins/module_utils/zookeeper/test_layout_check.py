# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A layout whose ephemeral znodes need an owner that is alive; the walk and the leader are replaced."""

import contextlib
from types import SimpleNamespace

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper import layout_check
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.layout import Layout
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.rule import OUTLIVED, Rule
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.sessions import SessionsError
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.transport import PLAIN
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.walk import Znode

PARAMS = {"followers_only": False, "connect_timeout": 1.0, "max_findings": 100}
RULES = (
    Rule("/t/{name}/is_active", session_alive=True, severity="warning", hint="Start it."),
    Rule("/t/{name}/lock", session_alive=True),
    Rule("/t/{name}/other", ephemeral=True),
    Rule("/t/{name}/lost", session_alive=True, state="forbidden"),
)


def znode(path, owner=0):
    return Znode(path, b"", SimpleNamespace(numChildren=0, ephemeralOwner=owner, mtime=0))


ZNODES = [
    znode("/t/a/is_active", 1),
    znode("/t/b/is_active", 2),
    znode("/t/b/lock", 2),
    # Persistent, not named by a rule with session_alive, and forbidden anyway.
    znode("/t/c/lock"),
    znode("/t/b/other", 2),
    znode("/t/b/lost", 2),
]


@pytest.fixture
def findings(monkeypatch):
    """The findings about these znodes when these sessions have ended. An error stands for a leader that lists none."""
    asked = []

    def check(znodes, ended, **params):
        def find_outlived(_clients, owners, _read, _wait):
            asked.append(dict(owners))
            if isinstance(ended, Exception):
                raise ended
            return {path: owner for path, owner in owners.items() if owner in ended}

        monkeypatch.setattr(layout_check, "walkers", lambda *_args: contextlib.nullcontext([None]))
        monkeypatch.setattr(layout_check, "walk", lambda *_args: iter(znodes))
        monkeypatch.setattr(layout_check, "find_outlived", find_outlived)
        layout = Layout("/t", RULES, {}, False)
        return layout_check.LayoutCheck({**PARAMS, **params}, [("zk1", 2181)], layout, PLAIN)()

    check.asked = asked
    return check


def shown(found):
    return [(finding.check, finding.severity, finding.subject, finding.found) for finding in found]


def test_znodes_of_sessions_that_have_ended_are_violations(findings):
    assert shown(findings(ZNODES, {2})) == [
        ("forbidden", "critical", "/t/b/lost", "a znode"),
        ("session_alive", "warning", "/t/b/is_active", "owned by the session 0x2, which has ended"),
        ("session_alive", "critical", "/t/b/lock", "owned by the session 0x2, which has ended"),
        ("layout", "ok", "/t", "6 znodes, 3 violations"),
    ]
    assert findings.asked == [{"/t/a/is_active": 1, "/t/b/is_active": 2, "/t/b/lock": 2}]


def test_a_rule_without_a_hint_has_one(findings):
    hints = {finding.subject: finding.hint for finding in findings(ZNODES, {2})}
    assert (hints["/t/b/is_active"], hints["/t/b/lock"]) == ("Start it.", OUTLIVED)


def test_violations_that_are_not_shown_count(findings):
    *_others, total = findings(ZNODES, {2}, max_findings=1)
    assert (total.severity, total.found) == ("critical", "6 znodes, 3 violations, 1 of them shown")


def test_without_a_list_of_sessions_there_is_one_warning(findings):
    found = findings(ZNODES[:-1], SessionsError("no list of sessions from the leader zk3: x", "Allow it."))
    assert shown(found) == [
        ("session_alive", "warning", "/t", "no list of sessions from the leader zk3: x"),
        ("layout", "ok", "/t", "5 znodes, 0 violations"),
    ]
    assert found[0].hint == "Allow it."


def test_without_such_znodes_nobody_is_asked(findings):
    assert shown(findings(ZNODES[3:5], {2})) == [("layout", "ok", "/t", "2 znodes, 0 violations")]
    assert findings.asked == []
