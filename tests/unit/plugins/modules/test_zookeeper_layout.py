# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A layout that is not valid, and a subtree that cannot be read. Real trees are checked in the scenario `default`."""

import pytest
from helpers import member_endpoints, run_module

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper import walk
from ansible_collections.zoohouse.cluster.plugins.modules import zookeeper_layout


def layout(monkeypatch, **args):
    args = {"hosts": ["zk1"], "path": "/a", "layout": [{"path": "/a/b"}], "timeout": 0, **args}
    return run_module(monkeypatch, zookeeper_layout.main, args)


def test_a_subtree_that_cannot_be_read_is_a_finding(monkeypatch):
    monkeypatch.setattr(walk, "SESSION_WAIT", 0.2)
    with member_endpoints(("quorum_lost", "zk1")) as hosts:
        result = layout(monkeypatch, hosts=hosts)
    assert result["failed"] and result["msg"].startswith("/a breaks its layout:")
    assert [(finding["check"], finding["severity"]) for finding in result["findings"]] == [("session", "critical")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hosts": ["zk1:port"]}, "hosts: 'zk1:port' is not a host"),
        ({"admin_port": 65536}, "admin_port: found 65536, expected a port"),
        ({"path": "a"}, "layout: path: found 'a', expected an absolute path"),
        ({"layout": [{"path": "/b"}]}, "layout: /b: found a path outside /a, expected a path below it"),
        (
            {"layout": [{"path": "/a/b"}, {"path": "/a/b/"}]},
            "layout: /a/b/: found two rules for this path, expected one",
        ),
        ({"layout": [{"path": "/a", "data_pattern": "("}]}, "layout: /a: data_pattern: found '(', expected a regular"),
        ({"placeholders": {"shard": "["}}, "layout: placeholders: shard: found '[', expected a regular expression"),
        ({"layout": [{"path": "/a/{x}-{x}"}]}, "layout: {x}-{x}: found"),
    ],
)
def test_wrong_options_are_errors(monkeypatch, options, message):
    result = layout(monkeypatch, **options)
    assert result["failed"] and result["msg"].startswith(message)
