# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The status of a replica, from a server that repeats captured answers."""

import json
import threading
import time
from dataclasses import replace

import pytest
from helpers import error_answer, http_server, replaying, rows

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.checks import check_replica
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.figures import read_figures
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import Server
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.status import (
    REPLICA_COLUMNS,
    read_replica,
    replica_columns,
)


def queries(requests):
    return [body for _path, _headers, body in requests if body]


def saying(data, about):
    """An answer for http_server: the captured ones, but for one question."""
    healthy = replaying("healthy")
    return lambda query: json.dumps({"data": data}) if about in query else healthy(query)


def test_a_replica_that_is_healthy():
    with http_server(replaying("healthy")) as (port, requests):
        result = read_replica(Server(port=port), name="ch1")
    assert (result.host, result.version) == ("ch1", "18.16.1")
    assert (result.ping_error, result.session_error, result.ddl_error, result.replicas_error) == ("", "", "", "")
    assert result.replicas == rows("healthy")
    assert len(queries(requests)) == 5


def test_a_replica_without_a_name_uses_its_host():
    with http_server(replaying("healthy")) as (port, _requests):
        assert read_replica(Server(port=port)).host == "127.0.0.1"


def test_the_queue_of_statements_is_queried_by_its_path():
    with http_server(saying([{"queues": 1}], "queues")) as (port, requests):
        assert read_replica(Server(port=port), "/task_queue/it's").ddl_error == ""
    assert r"WHERE path = '/task_queue' AND name = 'it\'s'" in queries(requests)[2]


def test_a_queue_that_is_missing_is_an_error():
    with http_server(saying([{"queues": 0}], "queues")) as (port, _requests):
        assert read_replica(Server(port=port), "/ddl").ddl_error == "/ddl does not exist in ZooKeeper"


def test_no_session_is_reported_and_costs_no_further_query():
    with http_server(replaying("no_ensemble")) as (port, requests):
        result = read_replica(Server(port=port), "/task_queue/ddl")
    assert "All connection tries failed while connecting to ZooKeeper" in result.session_error
    assert result.ddl_error == ""
    assert not any("queues" in body for body in queries(requests))
    assert result.replicas == rows("no_ensemble")


def test_a_server_whose_member_hangs_costs_one_timeout():
    over = threading.Event()
    healthy = replaying("healthy")

    def answer(query):
        if "system.zookeeper" in query or "total_replicas" in query or "log_pointer" in query:
            over.wait(30)
        return healthy(query)

    with http_server(answer) as (port, requests):
        start = time.monotonic()
        status = read_replica(Server(port=port, timeout=1.5), "/task_queue/ddl", "ch1")
        read_figures(Server(port=port, timeout=1.5), "ch1", not status.waits_for_zookeeper)
        took = time.monotonic() - start
        over.set()
    assert status.session_error.endswith("timed out") and status.waits_for_zookeeper
    assert not any("log_pointer" in query or "total_replicas" in query for query in queries(requests))
    # A second question to ZooKeeper would take another timeout.
    assert took < 3
    local = [{name: row[name] for name in REPLICA_COLUMNS if name in row} for row in status.replicas]
    checks = {item.check for item in check_replica(replace(status, replicas=local), shard_replicas=2)}
    assert "writable" in checks and not checks & {"active_replicas", "total_replicas"}


def test_an_empty_chroot_is_no_session():
    with http_server(saying([{"children": 0}], "children")) as (port, _requests):
        assert read_replica(Server(port=port)).session_error == "the chroot is empty"


def test_tables_without_their_znodes_are_reported():
    with http_server(replaying("znodes_gone")) as (port, _requests):
        result = read_replica(Server(port=port))
    assert "No node, path: /t/hits/log" in result.replicas_error
    assert result.replicas == []


def test_a_server_that_is_down():
    with http_server(replaying("healthy")) as (port, _requests):
        pass
    result = read_replica(Server(port=port), name="ch1")
    assert "refused" in result.ping_error
    assert (result.host, result.version, result.replicas) == ("ch1", "", [])


def test_a_wrong_password_differs_from_a_server_that_is_down():
    with http_server(lambda _query: error_answer("refused", "password")) as (port, _requests):
        result = read_replica(Server(port=port))
    assert result.ping_error == "" and "Wrong password" in result.login_error


@pytest.mark.parametrize("version", ["head", ""])
def test_an_unknown_version_never_raises(version):
    with http_server(saying([{"version": version}], "version()")) as (port, _requests):
        result = read_replica(Server(port=port))
    assert result.login_error or result.replicas_error


@pytest.mark.parametrize("data", [[], [{}], [1], None])
def test_an_answer_of_another_shape_never_raises(data):
    with http_server(saying(data, "children")) as (port, _requests):
        assert read_replica(Server(port=port)).session_error


def test_columns_that_a_version_does_not_have_are_not_queried():
    assert "zookeeper_exception" not in replica_columns("18.16.1")
    assert "zookeeper_exception" in replica_columns("25.8.2.1")
