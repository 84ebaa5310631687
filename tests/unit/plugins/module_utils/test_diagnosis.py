# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Why a service does not answer, from captured logs of real ones."""

import os
import socket
import time

import pytest
from helpers import CAPTURED
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.causes import CAUSES
from ansible_collections.zoohouse.cluster.plugins.module_utils.diagnosis import (
    UnitStatus,
    describe,
    explain,
    full_disks,
    read_unit,
    runner,
    since_then,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, Finding
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.causes import CAUSES as MEMBER_CAUSES

DOWN = Finding("ping", CRITICAL, "ch1", "127.0.0.1:8123: Connection refused", "Ok.", "Check the unit.")
LOOPING = {
    "ActiveState": "activating",
    "SubState": "auto-restart",
    "Result": "exit-code",
    "ExecMainStatus": "70",
    "NRestarts": "4",
}
STATE = "clickhouse-server.service is activating (auto-restart), result exit-code, exit status 70, restarted 4 times"


def status(lines=(), properties=None, **more):
    return UnitStatus("clickhouse-server.service", LOOPING if properties is None else properties, lines, **more)


def captured(name):
    return (CAPTURED / "clickhouse" / "down" / f"{name}.log").read_text().splitlines()


@pytest.mark.parametrize(
    ("name", "cause", "hint"),
    [
        ("port_taken", "another process has its port: 127.0.0.1:8123", "Stop that process"),
        ("bad_xml", "its configuration is refused: Failed to merge config with '/etc/clickhouse-server/", "Correct"),
        ("znodes_gone", "znodes of this replica are gone: /theirs/01/orders/replicas/box1/parts", "do not delete"),
        ("disk_full", "a disk is full: No space left on device", "Free space"),
    ],
)
def test_a_finding_names_the_cause(name, cause, hint):
    finding = explain(DOWN, status(captured(name)), CAUSES)
    assert (finding.check, finding.severity, finding.subject) == ("ping", CRITICAL, "ch1")
    assert finding.found.startswith(f"127.0.0.1:8123: Connection refused; {STATE}")
    assert cause in finding.found
    assert finding.hint.startswith(hint) or hint in finding.hint


def test_the_process_that_has_the_port_is_named():
    found = explain(DOWN, status(captured("port_taken"), ports={8123: "nginx"}), CAUSES).found
    assert found.endswith("127.0.0.1:8123 (nginx)")


def test_a_full_disk_counts_before_what_the_log_says():
    finding = explain(DOWN, status(captured("znodes_gone"), full={"/srv/clickhouse": 4096}), CAUSES)
    assert "the disk of /srv/clickhouse is full (4096 bytes free)" in finding.found


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"properties": {"ActiveState": "failed", "Result": "oom-kill"}}, "out of memory"),
        ({"process": "T", "properties": {"ActiveState": "active", "MainPID": "77"}}, "stopped by a signal"),
        ({"lines": ["x <Error> a: first", "x <Error> b: second", "stack"]}, "last error: x <Error> b: second"),
    ],
)
def test_other_causes(changes, text):
    assert text in explain(DOWN, status(**changes), CAUSES).found


def test_an_unknown_cause_keeps_the_finding():
    assert explain(DOWN, status(properties={}), CAUSES) == DOWN


def test_a_unit_that_runs():
    assert describe(status(properties={"ActiveState": "active", "SubState": "running", "Result": "success"})) == (
        "clickhouse-server.service is active (running)"
    )


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("java.net.BindException: Address already in use", "another process has its port"),
        ("ERROR o.a.z.s.q.QuorumPeerMain - Invalid config, exiting abnormally", "its configuration is refused"),
        (
            "ConfigException: Error processing /etc/zookeeper/zoo.cfg",
            "refused: Error processing /etc/zookeeper/zoo.cfg",
        ),
        ("java.lang.OutOfMemoryError: Java heap space", "its heap is too small: OutOfMemoryError: Java heap space"),
        ("java.io.IOException: No space left on device", "a disk is full"),
        ("ERROR Unable to load database on disk", "its data cannot be read"),
    ],
)
def test_the_causes_of_a_member(line, text):
    assert text in explain(DOWN, status(["INFO nothing", line, "at java.base"]), MEMBER_CAUSES).found


@given(st.lists(st.text(max_size=200), max_size=20), st.dictionaries(st.text(), st.text()))
def test_whatever_a_log_contains_it_is_a_finding(lines, properties):
    for causes in (CAUSES, MEMBER_CAUSES):
        assert isinstance(explain(DOWN, status(lines, properties), causes), Finding)


def answering(properties):
    """A run of commands on a host."""

    def run(command):
        return properties if command[0] == "systemctl" else f"{' '.join(command)}\n"

    return run


def test_what_this_host_knows(tmp_path):
    (tmp_path / "err.log").write_bytes(b"2026.11.26 06:25:55.4 [ 1 ] {} <Error> one \xff\xfe\n")
    run = answering("ActiveState=failed\nMainPID=0\nExecMainStartTimestamp=@1000\nNRestarts=0\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = read_unit(run, "x.service", str(tmp_path / "err.log"), [port], [str(tmp_path)])
    assert found.properties["ActiveState"] == "failed"
    assert "<Error> one" in found.lines[0]
    assert "--since=@970" in found.lines[1] and "--unit=x.service" in found.lines[1]
    assert list(found.ports) == [port] and found.full == {} and found.process == ""


def test_an_old_log_does_not_count(tmp_path):
    (tmp_path / "err.log").write_text("<Error> of another day\n")
    os.utime(tmp_path / "err.log", (4000, 4000))
    run = answering("ActiveState=failed\nExecMainStartTimestamp=@5000\n")
    assert "<Error> of another day" not in read_unit(run, "x.service", str(tmp_path / "err.log"), [], []).lines


def test_lines_before_the_last_start_do_not_count():
    """A server that failed for one reason, was repaired, and fails for another one."""
    lines = [
        "stack of an older one",
        "2026.11.26 06:00:00.1 a",
        "stack",
        "2026-11-26 07:00:00,2 b",
        "stack",
        "Exception",
    ]
    start = time.mktime((2026, 11, 26, 6, 30, 0, 0, 0, -1))
    assert since_then(lines, start) == lines[3:]
    assert since_then(lines, start - 3600) == lines[1:]
    assert since_then(lines, start + 3600) == []
    assert since_then(["9999-99-99 99:99:99", "no time"], 0) == []


def test_a_host_without_systemd(tmp_path):
    class Module:
        def run_command(self, command, handle_exceptions):
            assert command[0] == "timeout" and not handle_exceptions
            raise FileNotFoundError

    found = read_unit(runner(Module()), "x.service", str(tmp_path / "none"), [], [str(tmp_path / "none")])
    assert (found.properties, found.lines, found.full) == ({}, [], {})


def test_disks_that_are_full(monkeypatch, tmp_path):
    real = os.statvfs(tmp_path)
    assert full_disks([str(tmp_path)]) == {}
    monkeypatch.setattr(os, "statvfs", lambda _path: os.statvfs_result((*real[:4], 1, *real[5:])))
    assert full_disks([str(tmp_path)]) == {str(tmp_path): real.f_frsize}
