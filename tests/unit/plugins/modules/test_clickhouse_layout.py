# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The module on captured servers and znodes. Each check has its own test file in module_utils/clickhouse/layout."""

import contextlib
import json

import pytest
from helpers import http_server, member_endpoints, run_module
from layout_world import HITS, HOSTS, NOW, ROOT, Captured, Znodes

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout import compare, read
from ansible_collections.zoohouse.cluster.plugins.modules import clickhouse_layout


def replicas(ports):
    return [
        {"name": host, "host": "127.0.0.1", "port": port, "shard": "01" if host < "ch3" else "02", "replica": host}
        for host, port in zip(HOSTS, ports)
    ]


def replies_of(server):
    def reply(query):
        return json.dumps({"data": server.rows(query)})

    return reply


def layout(monkeypatch, znodes=None, answers=Captured, **args):
    """The result of the module: each server answers what answers(host) says. znodes=None: no ensemble."""
    with contextlib.ExitStack() as stack:
        ports = []
        for host in HOSTS:
            server = answers(host)
            ports.append(stack.enter_context(http_server(replies_of(server)))[0])
        if znodes is not None:
            monkeypatch.setattr(read, "walkers", lambda *_args: contextlib.nullcontext([znodes]))
        hosts = stack.enter_context(member_endpoints(("healthy", "zk1")))
        args = {"hosts": hosts, "path": ROOT, "cluster": "main", "replicas": replicas(ports), **args}
        return run_module(monkeypatch, clickhouse_layout.main, {"timeout": 0, **args})


def test_a_healthy_cluster(monkeypatch):
    result = layout(monkeypatch, Znodes())
    assert result["healthy"] and not result["changed"] and result["orphans"] == []
    # 8 above the tables; 8 of each table, 6 of each replica.
    assert result["znodes"] == 8 + 2 * (8 + 2 * 6)
    assert {finding["severity"] for finding in result["findings"]} == {"ok"}
    assert {"macros", "orphan_replica", "ddl_stuck", "zookeeper"} <= {
        finding["check"] for finding in result["findings"]
    }
    # What a cluster does not use is not checked.
    assert not {"discovery", "functions", "ddl_liveness"} & {finding["check"] for finding in result["findings"]}


def test_other_limits(monkeypatch):
    znodes = Znodes().add("/task_queue/ddl/query-0000000000", "hosts: ['ch1:9000']\n", age=600)
    znodes.add("/task_queue/ddl/query-0000000000/finished/ch1:9000", "0")
    limits = {"ddl_length": 0, "ddl_age": None, "ddl_stuck": 10**9}
    monkeypatch.setattr(compare.time, "time", lambda: NOW)
    result = layout(monkeypatch, znodes, limits=limits)
    checks = {item["check"]: item["severity"] for item in result["findings"]}
    assert checks["ddl_length"] == "warning" and "ddl_age" not in checks
    assert layout(monkeypatch, znodes)["healthy"]


def test_a_problem_fails_the_module_unless_it_only_reports(monkeypatch):
    znodes = Znodes().delete(f"{HITS}/replicas/ch2/is_active")
    result = layout(monkeypatch, znodes)
    assert result["failed"] and not result["healthy"]
    assert f"- ch2: is_active: found not active in 1 of 1 tables: {HITS}, expected" in result["msg"]
    assert "failed" not in layout(monkeypatch, znodes, report_only=True)


def test_a_replica_that_is_down_is_not_asked(monkeypatch):
    servers = replicas([1, 1, 1, 1])
    for item in servers:
        item["down"] = True
    result = layout(monkeypatch, Znodes(), replicas=servers)
    found = [item for item in result["findings"] if item["check"] == "servers"]
    assert len(found) == 4 and all("not asked: it does not answer queries" in item["found"] for item in found)
    assert not result["healthy"] and result["orphans"] == []


def test_without_an_ensemble_the_servers_are_checked(monkeypatch):
    macros = [{"macro": "shard", "substitution": "02"}]
    with member_endpoints(("quorum_lost", "zk1")) as hosts:
        result = layout(
            monkeypatch,
            None,
            lambda host: Captured(host, macros=macros) if host == "ch1" else Captured(host),
            hosts=hosts,
        )
    found = [(item["check"], item["subject"]) for item in result["findings"] if item["severity"] != "ok"]
    assert found == [("macros", "ch1"), ("zookeeper", ROOT)]
    assert {item["check"] for item in result["findings"]} == {
        "servers", "macros", "duplicate_replica", "shared_path", "clusters", "zookeeper",
    }  # fmt: skip


def test_a_table_that_is_dropped_during_the_walk_is_no_problem(monkeypatch):
    class Dropping(Captured):
        """Has its table only when it is asked for the first time."""

        def rows(self, query):
            rows = super().rows(query)
            if "system.replicas" in query:
                self.answers["replicas"] = []
            return rows

    znodes = Znodes().delete(HITS)
    partly = Znodes().delete(f"{HITS}/replicas/ch1").delete(f"{HITS}/log").delete(f"{HITS}/replicas/ch2/parts")

    def servers(host):
        return Dropping(host) if host in ("ch1", "ch2") else Captured(host)

    for tree_then in (znodes, partly):
        result = layout(monkeypatch, tree_then, servers)
        assert result["healthy"] and result["orphans"] == []
        assert not layout(monkeypatch, tree_then)["healthy"]


def test_a_chroot_that_is_missing(monkeypatch):
    result = layout(monkeypatch, Znodes(), path="/clickhouse/other")
    assert [(item["check"], item["found"]) for item in result["findings"] if item["severity"] != "ok"] == [
        ("zookeeper", "no such znode")
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hosts": ["zk1:port"]}, "'zk1:port' is not a host"),
        ({"path": "a"}, "path: found 'a', expected an absolute path"),
        ({"ddl_path": "ddl"}, "ddl_path: found 'ddl', expected an absolute path"),
        ({"limits": {"ddl_ages": 1}}, "limits: unknown check ddl_ages; did you mean ddl_age?"),
    ],
)
def test_wrong_options_are_errors(monkeypatch, options, message):
    result = layout(monkeypatch, Znodes(), **options)
    assert result["failed"] and result["msg"].startswith(message)
