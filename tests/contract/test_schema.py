# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Every engine parses the statements into which a schema is split, and sees ON CLUSTER where they have it."""

from dataclasses import replace

import pytest
import rendering
from engines import EngineServer

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.schema import (
    parse_entry,
    plan_databases,
    validate_entry,
)
from inventories import SMALL

# Semicolons and quotes where they end no statement, and each way to write the name of the cluster.
SCHEMA = r"""
-- The schema; of "demo".
CREATE DATABASE IF NOT EXISTS demo ON CLUSTER main ENGINE = Atomic;
CREATE TABLE IF NOT EXISTS demo.hits ON CLUSTER '{cluster}'
(
    day Date, /* the day; of ' the hit */
    `odd;\`name` String DEFAULT 'it\'s; ''so''' COMMENT $$ 'raw'; $$,
    "other;name" UInt64 # a comment; of the shell
)
ENGINE = ReplicatedMergeTree('/tables/{shard}/demo/hits', '{replica}') PARTITION BY day ORDER BY day;
CREATE TABLE IF NOT EXISTS demo.hits_all ON CLUSTER `main` AS demo.hits ENGINE = Distributed(main, demo, hits, rand());
CREATE OR REPLACE VIEW demo.days ON CLUSTER main AS SELECT day, count() AS n FROM demo.hits_all GROUP BY day;
CREATE MATERIALIZED VIEW IF NOT EXISTS demo.sums ON CLUSTER main ENGINE = SummingMergeTree ORDER BY day
    AS SELECT day, 1 AS n FROM demo.hits;
CREATE DICTIONARY IF NOT EXISTS demo.codes ON CLUSTER main (id UInt64, name String)
    PRIMARY KEY id SOURCE(FILE(PATH '/x;y' FORMAT 'CSV')) LAYOUT(FLAT()) LIFETIME(0);
CREATE FUNCTION IF NOT EXISTS twice ON CLUSTER main AS x -> x * 2;
ALTER TABLE demo.hits ON CLUSTER main ADD COLUMN IF NOT EXISTS id UInt64, MODIFY TTL day + INTERVAL 1 YEAR;
CREATE USER IF NOT EXISTS reader ON CLUSTER main IDENTIFIED WITH no_password;
GRANT ON CLUSTER main SELECT ON demo.* TO reader;
RENAME TABLE demo.days TO demo.daily ON CLUSTER main;
INSERT INTO demo.hits (day) SELECT today();
DROP VIEW IF EXISTS demo.daily ON CLUSTER main;
"""


@pytest.fixture(scope="module")
def server(plain):
    return EngineServer(plain)


def test_a_schema_is_split_as_the_engine_reads_it(server):
    assert list(validate_entry("ch1", "all", SCHEMA, "main")) == []
    statements = parse_entry("all", SCHEMA).statements
    assert len(statements) == 13
    for statement in statements:
        quoted = statement.replace("\\", "\\\\").replace("'", "\\'")
        text = server.rows(f"SELECT formatQuery('{quoted}') AS text")[0]["text"]
        assert ("ON CLUSTER" in text) is not statement.startswith("INSERT")


def test_the_statement_of_a_database(server):
    wanted = [{"name": "demo", "engine": "Replicated('/d', '{shard}', '{replica}')"}, {"name": "log"}]
    statements, _findings = plan_databases(wanted, {"ch1": {}}, "main-1")
    for statement in statements.values():
        quoted = statement.replace("'", "\\'")
        assert "ON CLUSTER" in server.rows(f"SELECT formatQuery('{quoted}') AS text")[0]["text"]


@pytest.mark.parametrize(
    ("variables", "steps"),
    [
        ({}, ["verify.yml"]),
        ({"clickhouse_databases": ["demo"]}, ["verify.yml", "schema.yml"]),
        (
            {"clickhouse_schema": [{"name": "a", "statements": ["INSERT INTO a VALUES (1)"]}]},
            ["verify.yml", "schema.yml"],
        ),
    ],
)
def test_a_run_has_the_steps_that_it_needs(variables, steps):
    inventory = replace(SMALL, common={**SMALL.common, **variables})
    assert rendering.evaluate(inventory, "24.8", "__clickhouse_last_steps") == steps
    assert rendering.evaluate(inventory, "24.8", "__clickhouse_schema_options.errors") == []


def test_a_wrong_schema_is_a_validation_error_of_the_role(tmp_path):
    (tmp_path / "hits.sql").write_text("CREATE TABLE hits (n Int8) ENGINE = Log")
    schema = [{"name": "hits", "file": "hits.sql"}]
    inventory = replace(SMALL, common={**SMALL.common, "clickhouse_schema": schema, "inventory_dir": str(tmp_path)})
    (error,) = rendering.evaluate(inventory, "24.8", "__clickhouse_input_errors")
    assert (error["check"], error["found"]) == ("clickhouse_schema", "in hits, statement 1: CREATE without ON CLUSTER")
