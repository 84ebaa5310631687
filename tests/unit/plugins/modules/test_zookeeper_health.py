# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The health check of an ensemble whose members answer on the loopback."""

import contextlib
import time

import pytest
from helpers import (
    admin_answers,
    admin_server,
    healthy_ensemble,
    member_endpoints,
    run_module,
    tcp_server,
    words,
)

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper import health as health_of_ensemble
from ansible_collections.zoohouse.cluster.plugins.modules import zookeeper_health

HEALTHY = [("healthy", "zk1"), ("healthy", "zk2"), ("healthy", "zk3")]


def health(monkeypatch, hosts, **args):
    return run_module(monkeypatch, zookeeper_health.main, {"hosts": hosts, "timeout": 0, **args})


def test_a_healthy_ensemble_passes(monkeypatch):
    with member_endpoints(*HEALTHY) as hosts:
        result = health(monkeypatch, hosts)
    assert (result["healthy"], result["leader"], result["changed"]) == (True, "127.0.0.1", False)


def test_an_unhealthy_ensemble_fails_with_its_findings(monkeypatch):
    with member_endpoints(("quorum_lost", "zk1"), ("quorum_lost", "zk1")) as hosts:
        result = health(monkeypatch, hosts)
    assert result["failed"] and not result["healthy"] and result["leader"] is None
    assert result["msg"].splitlines()[0] == "The ZooKeeper ensemble is not healthy:"
    assert "quorum: found 0 of 2 members serving" in result["msg"]


def test_a_report_never_fails(monkeypatch):
    with member_endpoints(("quorum_lost", "zk1")) as hosts:
        result = health(monkeypatch, hosts, report_only=True)
    assert not result["healthy"] and "failed" not in result


@pytest.mark.parametrize(
    ("state", "checks"),
    [("quorum", ["quorum"]), ("serving", ["serving", "quorum"]), ("safe_to_stop", ["safe_to_stop"])],
)
def test_each_state_has_its_checks(state, checks):
    findings = health_of_ensemble.findings_for(state, "zk1", healthy_ensemble())
    assert [finding.check for finding in findings] == checks


def test_an_invalid_endpoint_is_an_error(monkeypatch):
    result = health(monkeypatch, ["zk1:port"])
    assert result["failed"] and result["msg"].startswith("hosts: 'zk1:port' is not a host")


def test_the_figures_of_the_members_and_the_clock(monkeypatch):
    before = time.time()
    with member_endpoints(*HEALTHY) as hosts:
        result = health(monkeypatch, hosts)
    assert [(member["mode"], member["znodes"]) for member in result["members"]] == [
        ("follower", 9),
        ("follower", 9),
        ("leader", 9),
    ]
    assert [member["synced_followers"] for member in result["members"]] == [None, None, 2]
    started, ended = result["clock"]
    assert before <= started <= ended <= time.time()


def test_other_limits(monkeypatch):
    with member_endpoints(*HEALTHY) as hosts:
        result = health(monkeypatch, hosts, limits={"znode_count": 8, "recent_restart": None})
    found = {finding["check"]: finding["severity"] for finding in result["findings"]}
    assert found["znode_count"] == "warning"
    assert "recent_restart" not in found


def test_an_unknown_check_is_an_error(monkeypatch):
    result = health(monkeypatch, ["zk1"], limits={"znodes_count": 1})
    assert result["failed"] and result["msg"] == "limits: unknown check znodes_count; did you mean znode_count?"


def test_an_ensemble_that_answers_no_words_is_checked_by_its_admin_servers(monkeypatch):
    with contextlib.ExitStack() as stack:
        admin, _paths = stack.enter_context(admin_server(admin_answers("healthy", "zk1")))
        for number in (2, 3):
            answers = admin_answers("healthy", f"zk{number}")
            stack.enter_context(admin_server(answers, f"127.0.0.{number}", admin))
        hosts = [f"127.0.0.{number}:1" for number in (1, 2, 3)]
        changes = {"admin_port": admin, "servers": [f"server.{n}=zk{n}:2888:3888" for n in (1, 2, 3)]}
        result = health(monkeypatch, hosts, limits={"recent_restart": False}, **changes)
        stop = health(monkeypatch, hosts, state="safe_to_stop", member="127.0.0.3", admin_port=admin)
    assert (result["healthy"], result["leader"]) == (True, "127.0.0.3")
    assert {finding["severity"] for finding in result["findings"]} == {"ok"}
    assert stop["healthy"]


def test_options_of_tls_that_cannot_be_used_are_an_error(monkeypatch):
    result = health(monkeypatch, ["zk1"], tls=True, tls_key_file="/client.key")
    assert result["failed"] and result["msg"] == "tls_key_file: set tls_cert_file too"


def test_counters_in_a_window(monkeypatch):
    with member_endpoints(*HEALTHY) as hosts:
        result = health(monkeypatch, hosts, window=0.01)
    found = {finding["check"]: finding["found"] for finding in result["findings"]}
    assert (found["elections"], found["rejected_connections"]) == ("0 elections", "0 connections")


def test_a_canary_needs_a_session(monkeypatch):
    """These members answer four-letter words only."""
    monkeypatch.setattr(health_of_ensemble, "CANARY_WAIT", 0.2)
    with member_endpoints(*HEALTHY) as hosts:
        result = health(monkeypatch, hosts, canary=True, report_only=True)
    (finding,) = [finding for finding in result["findings"] if finding["check"] == "canary"]
    assert (finding["severity"], result["healthy"]) == ("critical", False)
    assert finding["found"].startswith("No session: none of 127.0.0.1:")


def test_without_a_quorum_there_is_no_canary(monkeypatch):
    with member_endpoints(*[("quorum_lost", "zk1")] * 3) as hosts:
        result = health(monkeypatch, hosts, canary=True, report_only=True, timeout=0)
    assert "canary" not in [finding["check"] for finding in result["findings"]]


@pytest.mark.parametrize(("zxid", "severity"), [("0x100000013", "critical"), ("0x100000014", "ok")])
def test_a_member_with_another_tree_is_asked_a_second_time(monkeypatch, zxid, severity):
    """zxid: of its second answer."""
    texts = words("healthy", "zk3")
    texts["srvr"] = texts["srvr"].replace("Node count: 9", "Node count: 8")
    texts["mntr"] = texts["mntr"].replace("zk_znode_count\t9", "zk_znode_count\t8")

    def answer(word, connection):
        connection.sendall(texts.get(word, "").encode())
        if word == "srvr":
            texts["srvr"] = texts["srvr"].replace("Zxid: 0x100000013", f"Zxid: {zxid}")

    with member_endpoints(*HEALTHY[:2]) as hosts, tcp_server(answer) as (host, port):
        result = health(monkeypatch, [*hosts, f"{host}:{port}"], report_only=True)
    assert [finding["severity"] for finding in result["findings"] if finding["check"] == "tree_skew"] == [severity]


def test_trees_are_not_compared_when_the_check_is_disabled(monkeypatch):
    with member_endpoints(*HEALTHY) as hosts:
        result = health(monkeypatch, hosts, limits={"tree_skew": False})
    assert "tree_skew" not in {finding["check"] for finding in result["findings"]}
