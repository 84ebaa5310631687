# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The status of an ensemble whose members answer on the loopback."""

from helpers import admin_answers, admin_server, member_endpoints, run_module, tcp_server

from ansible_collections.zoohouse.cluster.plugins.modules import zookeeper_info


def test_the_status_of_each_member_in_the_order_of_the_hosts(monkeypatch):
    with member_endpoints(("healthy", "zk3"), ("healthy", "zk1"), ("quorum_lost", "zk1")) as hosts:
        result = run_module(monkeypatch, zookeeper_info.main, {"hosts": hosts}, check=True)
    assert [member["mode"] for member in result["members"]] == ["leader", "follower", ""]
    assert [f"{member['host']}:{member['port']}" for member in result["members"]] == hosts
    assert (result["leader"], result["changed"]) == ("127.0.0.1", False)


def test_members_that_are_down_are_no_failure(monkeypatch):
    with member_endpoints(("healthy", "zk1")) as hosts:
        pass
    result = run_module(monkeypatch, zookeeper_info.main, {"hosts": hosts})
    assert result["members"][0]["reachable"] is False
    assert result["leader"] is None and "failed" not in result


def test_an_invalid_endpoint_is_an_error(monkeypatch):
    result = run_module(monkeypatch, zookeeper_info.main, {"hosts": ["zk1:"]})
    assert result["failed"] and result["msg"].startswith("hosts: ")


def test_a_member_that_answers_no_words_is_read_from_its_admin_server(monkeypatch):
    with tcp_server(lambda _word, _connection: None) as (host, port):
        pass
    with admin_server(admin_answers("healthy", "zk3")) as (admin, _paths):
        result = run_module(monkeypatch, zookeeper_info.main, {"hosts": [f"{host}:{port}"], "admin_port": admin})
    (member,) = result["members"]
    assert (member["mode"], member["source"], member["server_id"], result["leader"]) == (
        "leader",
        "admin_server",
        3,
        "127.0.0.1",
    )
    assert member["metrics"]["zk_fsync_threshold_exceed_count"] == "0"


def test_files_without_tls_are_an_error(monkeypatch):
    result = run_module(monkeypatch, zookeeper_info.main, {"hosts": ["zk1"], "tls_ca_file": "/ca.crt"})
    assert result["failed"] and result["msg"] == "tls_ca_file: set tls to true to use it"
