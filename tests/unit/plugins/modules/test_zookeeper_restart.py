# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""One of three members that answer on the loopback is restarted, or not."""

import contextlib
import json
from types import SimpleNamespace

import pytest
from helpers import run_module, systemctl, tcp_server, words

from ansible_collections.zoohouse.cluster.plugins.module_utils import config_record
from ansible_collections.zoohouse.cluster.plugins.modules import zookeeper_restart

# Which captured members answer, by situation; the first one is restarted.
MEMBERS = {"healthy": ("zk3", "zk2", "zk1"), "quorum_lost": ("zk1", "zk1", "zk1")}


@pytest.fixture
def member(monkeypatch, tmp_path):
    """restart(before, after, again) runs the module on one member; each restart changes the situation."""
    log, state = systemctl(monkeypatch, tmp_path)
    state.write_text("ActiveState=active\nInvocationID=run-1\n")
    monkeypatch.setattr(config_record, "RECORDS", str(tmp_path))

    def restarted():
        return log.read_text().count("restart zookeeper.service")

    def restart(before, after="healthy", again="healthy", check=False, **args):
        def member(index):
            def answer(word, connection):
                situation = (before, after, again)[restarted()]
                connection.sendall(words(situation, MEMBERS[situation][index])[word].encode())

            return tcp_server(answer)

        with contextlib.ExitStack() as stack:
            hosts = ["{}:{}".format(*stack.enter_context(member(index))) for index in range(3)]
            args = {"hosts": hosts, "member": "127.0.0.1", "timeout": 1, **args}
            return run_module(monkeypatch, zookeeper_restart.main, args, check)

    def record(**files):
        (tmp_path / "zookeeper.json").write_text(json.dumps(files))

    return SimpleNamespace(restart=restart, restarted=restarted, record=record, state=state)


def test_a_member_that_is_not_serving_is_restarted_without_the_lock(member):
    assert member.restart("quorum_lost")["changed"] is True
    assert member.restarted()


def test_a_member_that_does_not_serve_afterwards_is_an_error(member):
    result = member.restart("quorum_lost", "quorum_lost")
    assert member.restarted() and result["failed"]
    assert result["msg"].startswith("zookeeper.service was restarted and is not healthy after 1 s:")
    assert "serving" in [finding["check"] for finding in result["findings"]]


def test_a_member_that_serves_is_not_restarted_without_the_lock(member):
    result = member.restart("healthy")
    assert result["failed"] and "zookeeper.service was not restarted. The lock /zoohouse/locks/restart" in result["msg"]
    assert not member.restarted()


@pytest.mark.parametrize(
    ("invocation", "running", "restarted"),
    [("run-1", True, True), ("run-0", True, False), ("", True, False), ("run-0", False, True)],
)
def test_a_restart_that_is_not_pending_any_more_is_not_repeated(member, invocation, running, restarted):
    member.record(zoo_cfg=invocation)
    if not running:
        member.state.write_text("ActiveState=failed\nInvocationID=run-1\n")
    assert member.restart("quorum_lost", config="zookeeper")["changed"] is restarted
    assert member.restarted() == restarted


@pytest.mark.parametrize(
    ("invocation", "args", "due"),
    [
        ("run-1", {"config": "zookeeper"}, True),
        ("run-0", {"config": "zookeeper"}, False),
        ("run-0", {"config": "zookeeper", "request": "/zoohouse/restarts/1"}, True),
        ("run-0", {}, True),
    ],
)
def test_check_mode_says_whether_a_restart_is_due_and_restarts_nothing(member, invocation, args, due):
    member.record(zoo_cfg=invocation)
    assert member.restart("quorum_lost", check=True, **args)["changed"] is due
    assert not member.restarted()


def test_an_invalid_endpoint_is_an_error(member):
    assert member.restart("healthy", hosts=["zk1:port"])["msg"].startswith("hosts: 'zk1:port' is not a host")


@pytest.mark.parametrize(
    ("again", "state"), [("healthy", "is healthy with them"), ("quorum_lost", "is not healthy with them either")]
)
def test_a_member_that_is_not_healthy_with_its_new_files_gets_the_old_ones(member, tmp_path, again, state):
    file = tmp_path / "zoo.cfg"
    file.write_text("old")
    backup = config_record.backup_of("zookeeper")
    backup.keep([str(file)], fresh=True)
    file.write_text("new")
    member.record(**{str(file): "run-1"})
    member.state.write_text("ActiveState=active\nInvocationID=run-1\n")
    result = member.restart("quorum_lost", "quorum_lost", again, config="zookeeper")
    assert result["failed"] and result["put_back"] == [str(file)]
    assert "zookeeper.service was restarted and is not healthy after 1 s:" in result["msg"]
    assert f"The files before the change were put back, and the service {state}: {file}." in result["msg"]
    assert (file.read_text(), member.restarted()) == ("old", 2)


def test_after_a_healthy_restart_the_old_files_are_not_kept(member, tmp_path):
    file = tmp_path / "zoo.cfg"
    config_record.backup_of("zookeeper").keep([str(file)], fresh=True)
    file.write_text("new")
    member.record(**{str(file): "run-1"})
    member.state.write_text("ActiveState=active\nInvocationID=run-1\n")
    assert member.restart("quorum_lost", config="zookeeper")["changed"] is True
    assert file.read_text() == "new"
    assert config_record.put_back(None, "zookeeper") == []
