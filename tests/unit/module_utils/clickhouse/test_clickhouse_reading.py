# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What a replica says of itself, read from a server that repeats captured answers."""

import json

import pytest
from helpers import http_server, refusal, replaying, rows

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import Server
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.reading import read, replica_columns


def asked(requests):
    return [body for _path, _headers, body in requests if body]


def saying(data, about):
    """An answer for http_server: the captured ones, but for one question."""
    whole = replaying("whole")
    return lambda query: json.dumps({"data": data}) if about in query else whole(query)


def test_a_replica_that_is_well():
    with http_server(replaying("whole")) as (port, requests):
        told = read(Server(port=port), name="ch1")
    assert (told.host, told.version) == ("ch1", "18.16.1")
    assert (told.ping_error, told.session_error, told.ddl_error, told.replicas_error) == ("", "", "", "")
    assert told.replicas == rows("whole")
    assert len(asked(requests)) == 3


def test_a_replica_goes_by_its_host_when_it_has_no_name():
    with http_server(replaying("whole")) as (port, _requests):
        assert read(Server(port=port)).host == "127.0.0.1"


def test_the_queue_of_statements_is_asked_for_by_its_path():
    with http_server(saying([{"queues": 1}], "queues")) as (port, requests):
        assert read(Server(port=port), "/task_queue/it's").ddl_error == ""
    assert r"WHERE path = '/task_queue' AND name = 'it\'s'" in asked(requests)[2]


def test_a_queue_that_is_missing_is_an_error():
    with http_server(saying([{"queues": 0}], "queues")) as (port, _requests):
        assert read(Server(port=port), "/ddl").ddl_error == "/ddl is not in ZooKeeper"


def test_no_session_is_told_and_costs_no_further_question():
    with http_server(replaying("no_ensemble")) as (port, requests):
        told = read(Server(port=port), "/task_queue/ddl")
    assert "All connection tries failed while connecting to ZooKeeper" in told.session_error
    assert told.ddl_error == ""
    assert not any("queues" in body for body in asked(requests))
    assert told.replicas == rows("no_ensemble")


def test_an_empty_chroot_is_no_session():
    with http_server(saying([{"children": 0}], "children")) as (port, _requests):
        assert read(Server(port=port)).session_error == "an empty chroot"


def test_tables_without_their_znodes_are_told():
    with http_server(replaying("znodes_gone")) as (port, _requests):
        told = read(Server(port=port))
    assert "No node, path: /t/hits/log" in told.replicas_error
    assert told.replicas == []


def test_a_server_that_is_away():
    with http_server(replaying("whole")) as (port, _requests):
        pass
    told = read(Server(port=port), name="ch1")
    assert "refused" in told.ping_error
    assert (told.host, told.version, told.replicas) == ("ch1", "", [])


def test_a_wrong_password_is_told_apart_from_a_server_that_is_away():
    with http_server(lambda _query: refusal("refused", "password")) as (port, _requests):
        told = read(Server(port=port))
    assert told.ping_error == "" and "Wrong password" in told.login_error


@pytest.mark.parametrize("version", ["head", ""])
def test_a_version_that_nobody_knows_never_raises(version):
    with http_server(saying([{"version": version}], "version()")) as (port, _requests):
        told = read(Server(port=port))
    assert told.login_error or told.replicas_error


@pytest.mark.parametrize("data", [[], [{}], [1], None])
def test_an_answer_of_another_shape_never_raises(data):
    with http_server(saying(data, "children")) as (port, _requests):
        assert read(Server(port=port)).session_error


def test_columns_that_a_version_does_not_have_are_not_asked_for():
    assert "zookeeper_exception" not in replica_columns("18.16.1")
    assert "zookeeper_exception" in replica_columns("25.8.2.1")
