# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The definitions of one engine are created in another one of the same version."""

import pytest
from engines import ZOOKEEPER, EngineServer

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.catching_up import read_progress, read_start
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.copying import missing_tables
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.definitions import (
    Table,
    read_definitions,
    read_tables,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.joining import Copy

REPLICA = "<replica><host>127.0.0.1</host><port>9000</port></replica>"
CLUSTER = f"<remote_servers><main><shard>{REPLICA}</shard></main></remote_servers>"
MACROS = "<macros><cluster>main</cluster><shard>{}</shard><replica>{}</replica></macros>"
# In an order in which they cannot be created again: the names of views come first.
DEFINITIONS = """
CREATE DATABASE `web site` ENGINE = Atomic;
CREATE DATABASE notes ENGINE = Memory;
CREATE FUNCTION twice AS x -> x * 2;
CREATE TABLE `web site`.hits (day Date, id UInt64, `it''s \\`o\\`` String DEFAULT 'a\\'b')
  ENGINE = MergeTree ORDER BY id;
CREATE TABLE `web site`.sums (day Date, n UInt64) ENGINE = SummingMergeTree ORDER BY day;
CREATE TABLE `web site`.all AS `web site`.hits ENGINE = Distributed(main, 'web site', hits, id);
CREATE DICTIONARY `web site`.codes (id UInt64, n String)
  PRIMARY KEY id SOURCE(FILE(PATH '/x' FORMAT 'CSV')) LAYOUT(FLAT()) LIFETIME(0);
CREATE VIEW `web site`.b_view AS SELECT twice(id) AS id FROM `web site`.all;
CREATE VIEW `web site`.a_view AS SELECT * FROM `web site`.b_view;
CREATE MATERIALIZED VIEW `web site`.a_totals TO `web site`.sums AS SELECT day, 1 AS n FROM `web site`.hits;
CREATE MATERIALIZED VIEW `web site`.a_inner ENGINE = MergeTree ORDER BY day AS SELECT day FROM `web site`.hits;
CREATE TABLE notes.notes (n Int8) ENGINE = Log;
CREATE TABLE default.plain (n Int8) ENGINE = MergeTree ORDER BY n;
"""
TABLES = 10


@pytest.fixture
def pair(version, start):
    """An engine with everything, and an empty one on another host of another shard."""
    engines = [
        start(version, {"config.d/a.xml": ZOOKEEPER + CLUSTER + MACROS.format(shard, replica)})
        for shard, replica in (("01", "ch1"), ("03", "ch6"))
    ]
    for statement in DEFINITIONS.strip().rstrip(";").split(";\n"):
        engines[0].query(statement)
    return [EngineServer(engine) for engine in engines]


def test_a_copy_has_the_same_definitions(pair):
    source, own = pair
    copy = Copy(source, "ch1", own)
    assert copy.findings == [] and len(copy.names) == 3 + TABLES
    copy.create()
    theirs, ours = read_definitions(source), read_definitions(own)
    assert missing_tables(theirs, ours) == [] and ours.databases == theirs.databases
    assert ours.functions == theirs.functions
    assert ours.macros["shard"] == "03"

    def statements(server):
        tables = [table for table in theirs.tables if not table.name.startswith(".inner")]
        return {table.full_name: text for table, text in read_tables(server, tables).items()}

    assert statements(own) == statements(source)
    assert Copy(source, "ch1", own).names == []


def test_a_copy_that_was_interrupted_is_completed(pair):
    source, own = pair
    first = Copy(source, "ch1", own)
    first._statements[5:] = []
    first.create()
    second = Copy(source, "ch1", own)
    assert second.names == first.names[5:]
    second.create()
    # Whoever began at the same time only repeats.
    first.create()
    assert Copy(source, "ch1", own).names == []


def test_a_table_whose_path_has_its_uuid_is_created_with_it(pair):
    source, own = pair
    # The engine cannot create a replicated table; what matters is the statement.
    table = Table("web site", "hits", "ReplicatedMergeTree", "ReplicatedMergeTree('/{uuid}', '{replica}')")
    (text,) = read_tables(source, [table]).values()
    uuid = source.rows("SELECT uuid FROM system.tables WHERE name = 'hits'")[0]["uuid"]
    assert f"UUID '{uuid}'" in text
    own.execute("CREATE DATABASE `web site` ENGINE = Atomic")
    own.execute(text)
    assert own.rows("SELECT uuid FROM system.tables WHERE name = 'hits'")[0]["uuid"] == uuid


def test_a_password_that_the_engine_hides_is_found(pair):
    source, own = pair
    source.execute("CREATE TABLE default.m (n Int8) ENGINE = MySQL('127.0.0.1:1', 'd', 't', 'user', 'open sesame')")
    (finding,) = Copy(source, "ch1", own).findings
    assert finding.subject == "default.m" and "sesame" not in str(finding)


def test_the_progress_of_a_replica_without_tables(pair):
    source, _own = pair
    since, last = read_start(source)
    assert since > 1700000000 and last == {}
    assert read_progress(source, since) == ({}, {})
