# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A new replica gets the tables of the others, from servers that answer on the loopback."""

import contextlib
import json

import pytest
from helpers import http_server, replaying, run_module

from ansible_collections.zoohouse.cluster.plugins.modules import clickhouse_join

HITS = "CREATE TABLE demo.hits ( day Date) ENGINE = ReplicatedMergeTree('/tables/01/hits', 'ch1', day, day, 8192)"
MACROS = HITS.replace("'ch1'", "'{replica}'")
ALL = "CREATE TABLE demo.all ( day Date) ENGINE = Distributed(main, demo, hits)"
SECRET = "CREATE TABLE demo.m ( n Int8) ENGINE = MySQL('h', 'd', 't', 'u', '[HIDDEN]')"


class Server:
    """Answers as 18.16 does. tables: statement by name. ready: whether it has fetched everything."""

    def __init__(self, replica, shard, tables=(), ready=True, version="18.16.1"):
        self.macros = {"shard": shard, "replica": replica}
        self.tables, self.ready, self.version, self.created = dict(tables), ready, version, []

    def __call__(self, query):
        # The end of SHOW CREATE TABLE and of a query.
        query = query.removesuffix("\nFORMAT JSON")
        if query.startswith("CREATE"):
            self.created.append(query)
            return ""
        return json.dumps({"data": self.rows(query)})

    def rows(self, query):
        if "version()" in query:
            return [{"version": self.version}]
        if "system.macros" in query:
            return [{"macro": name, "substitution": value} for name, value in self.macros.items()]
        if "system.databases" in query:
            return [{"name": name, "engine": "Ordinary"} for name in {"default", *(["demo"] if self.tables else [])}]
        if "FROM system.tables" in query and "engine LIKE" not in query:
            return [
                {"database": "demo", "name": name, "engine": text.partition("ENGINE = ")[2].partition("(")[0],
                 "engine_full": text.partition("ENGINE = ")[2]}
                for name, text in self.tables.items()
            ]  # fmt: skip
        if query.startswith("SHOW CREATE TABLE"):
            return [{"statement": self.tables[query.rpartition(".")[2].strip("`")]}]
        if "now()" in query:
            return [{"now": 1795671119}]
        if "log_pointer" in query:
            return [{"database": "demo", "table": "hits", "log_pointer": 8 if self.ready else 3, "log_max_index": 7}]
        if "system.zookeeper" in query:
            return [{"children": 2}]
        return []


@pytest.fixture
def join(monkeypatch):
    """Runs the module on a new replica. The others: server and shard by name."""

    def run(own, others, shard="01", check=False, **args):
        with contextlib.ExitStack() as stack:
            port, requests = stack.enter_context(http_server(own))
            replicas = [
                {"host": "127.0.0.1", "port": stack.enter_context(http_server(server))[0], "name": name, "shard": place}
                for name, (server, place) in others.items()
            ]
            arguments = {"login_port": port, "name": "ch5", "shard": shard, "replicas": replicas, "timeout": 0, **args}
            result = run_module(monkeypatch, clickhouse_join.main, arguments, check)
        assert not any("DROP" in body for _path, _headers, body in requests)
        return result

    return run


def test_a_replica_gets_what_it_lacks(join):
    own, source = Server("ch5", "01"), Server("ch1", "01", {"all": ALL, "hits": HITS})
    result = join(own, {"ch1": (source, "01")})
    assert (result["changed"], result["source"]) == (True, "ch1")
    assert result["created"] == ["demo", "demo.hits", "demo.all"]
    assert own.created == [
        "CREATE DATABASE IF NOT EXISTS `demo` ENGINE = Ordinary",
        MACROS.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"),
        ALL.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"),
    ]
    assert result["healthy"] and source.created == []


def test_a_replica_that_has_everything(join):
    own = Server("ch5", "01", {"hits": HITS})
    result = join(own, {"ch1": (Server("ch1", "01", {"hits": HITS}), "01")})
    assert (result["changed"], result["created"], own.created) == (False, [], [])


def test_a_check_creates_nothing(join):
    own = Server("ch5", "01", ready=False)
    result = join(own, {"ch1": (Server("ch1", "01", {"hits": HITS}), "01")}, check=True)
    assert (result["changed"], result["created"], own.created) == (True, ["demo", "demo.hits"], [])


def test_the_first_healthy_replica_of_the_shard_has_the_definitions(join):
    others = {
        "ch3": (Server("ch3", "02", {"other": MACROS}), "02"),
        "ch1": (replaying("no_ensemble"), "01"),
        "ch2": (Server("ch2", "01", {"hits": MACROS}), "01"),
    }
    assert join(Server("ch5", "01"), others)["source"] == "ch2"
    assert join(Server("ch6", "03"), others, shard="03")["source"] == "ch3"


def test_nobody_of_the_shard_is_healthy(join):
    own = Server("ch5", "01")
    others = {"ch1": (replaying("no_ensemble"), "01"), "ch3": (Server("ch3", "02", {"hits": HITS}), "02")}
    result = join(own, others)
    assert result["failed"] and result["msg"].startswith("No replica has the tables for ch5:\n- ch1: session: found")
    assert own.created == []


def test_a_definition_that_cannot_be_copied_creates_nothing(join):
    own = Server("ch5", "01")
    result = join(own, {"ch1": (Server("ch1", "01", {"hits": HITS, "m": SECRET}), "01")})
    assert result["failed"] and "demo.m: definition: found a definition with a password" in result["msg"]
    assert own.created == []


def test_a_statement_that_fails_is_named(join):
    class Rejecting(Server):
        def __call__(self, query):
            return (500, "Code: 57. Table exists\nstack") if "demo.hits" in query else super().__call__(query)

    result = join(Rejecting("ch5", "01"), {"ch1": (Server("ch1", "01", {"hits": HITS}), "01")})
    assert result["msg"] == "ch5 has not joined. demo.hits, as on ch1, was not created: Code: 57. Table exists"


def test_a_replica_that_is_still_fetching_fails_with_what_is_missing(join):
    result = join(Server("ch5", "01", ready=False), {"ch1": (Server("ch1", "01", {"hits": HITS}), "01")})
    assert result["failed"] and "ch5 demo.hits: caught_up: found the entries 3 to 7 of the log to read" in result["msg"]


def test_a_new_replica_that_does_not_answer(join, monkeypatch):
    result = join(lambda _query: (500, "no"), {"ch1": (Server("ch1", "01", {"hits": HITS}), "01")})
    assert result["failed"] and result["msg"] == "ch5 has not joined: no"
