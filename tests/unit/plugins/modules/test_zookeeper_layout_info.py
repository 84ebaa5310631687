# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A subtree that cannot be read is reported. Real trees are read in the scenario `default`."""

from helpers import member_endpoints, run_module

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper import walk
from ansible_collections.zoohouse.cluster.plugins.modules import zookeeper_layout_info


def info(monkeypatch, **args):
    return run_module(monkeypatch, zookeeper_layout_info.main, {"path": "/", **args})


def test_without_a_session_it_says_so_and_does_not_fail(monkeypatch):
    monkeypatch.setattr(walk, "SESSION_WAIT", 0.2)
    with member_endpoints(("quorum_lost", "zk1")) as hosts:
        result = info(monkeypatch, hosts=hosts)
    assert "failed" not in result
    assert (result["exists"], result["znodes"], result["tree"]) == (False, 0, {})
    assert result["error"].startswith("No session: none of 127.0.0.1:")


def test_wrong_options_are_errors(monkeypatch):
    assert info(monkeypatch, hosts=["zk1:port"])["msg"].startswith("hosts: 'zk1:port'")
    assert info(monkeypatch, hosts=["zk1"], path="a")["msg"] == "path: found 'a', expected an absolute path"
