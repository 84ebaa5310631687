# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What a new replica lacks, in which order, and with which engines."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.copying import (
    check_statement,
    coming_tables,
    for_replica,
    if_not_exists,
    in_order,
    missing_databases,
    missing_functions,
    missing_tables,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.definitions import Definitions, Table

CH1 = {"cluster": "main", "shard": "01", "replica": "ch1"}
CH5 = {"cluster": "main", "shard": "01", "replica": "ch5"}
CH6 = {"cluster": "main", "shard": "03", "replica": "ch6"}
# As 18.16 and new versions write it.
ENGINE = "CREATE TABLE demo.hits ( day Date) ENGINE = ReplicatedMergeTree('{}', '{}') PARTITION BY day ORDER BY day"


def table(name, engine="ReplicatedMergeTree", database="demo"):
    return Table(database, name, engine)


def definitions(*tables, databases=("demo",), **more):
    return Definitions("18.16.1", databases=dict.fromkeys(databases, "Ordinary"), tables=list(tables), **more)


def test_what_is_missing():
    source = definitions(table("a"), table("b"), databases=["demo", "other"], functions={"f": "CREATE FUNCTION f"})
    own = definitions(table("a"))
    assert missing_databases(source, own) == {"other": "Ordinary"}
    assert missing_tables(source, own) == [table("b")]
    assert missing_functions(source, own) == {"f": "CREATE FUNCTION f"}
    assert missing_databases(source, source) == {} and missing_tables(source, source) == []


def test_what_comes_by_itself_is_not_missing():
    source = definitions(table(".inner.totals"), table(".inner_id.1-2"), table("a", database="shared"))
    source.databases["shared"] = "Replicated"
    assert missing_tables(source, definitions()) == []
    assert coming_tables(source) == ["shared.a"]


def test_tables_before_what_reads_them():
    statements = {
        table("totals", "MaterializedView"): "CREATE MATERIALIZED VIEW demo.totals TO demo.sums FROM demo.v",
        table("v", "View"): "CREATE VIEW demo.v AS SELECT * FROM demo.w",
        table("w", "View"): "CREATE VIEW demo.w AS SELECT * FROM `demo`.`hits_all`",
        table("hits_all", "Distributed"): "CREATE TABLE demo.hits_all (day Date) ENGINE = Distributed(m, demo, hits)",
        table("sums", "SummingMergeTree"): "CREATE TABLE demo.sums (n UInt8 DEFAULT dictGet('demo.codes', 'n', 1))",
        table("codes", "Dictionary"): "CREATE DICTIONARY demo.codes (n UInt8) SOURCE(CLICKHOUSE(TABLE 'hits'))",
        table("hits"): "CREATE TABLE demo.hits (day Date)",
    }
    names = [item.name for item in in_order(statements)]
    assert names == ["hits", "hits_all", "codes", "sums", "w", "v", "totals"]


def test_a_circle_of_names_ends():
    statements = {table("a"): "CREATE TABLE demo.a -- as demo.b", table("b"): "CREATE TABLE demo.b -- as demo.a"}
    assert [item.name for item in in_order(statements)] == ["a", "b"]


def test_a_name_that_contains_another_one_does_not_name_it():
    statements = {
        table("hits"): "CREATE TABLE demo.hits COMMENT 'see demo.hits_2, x.demo.a'",
        table("hits_2"): "",
        table("a"): "",
    }
    assert [item.name for item in in_order(statements)] == ["a", "hits_2", "hits"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("CREATE TABLE demo.a (n Int8)", "CREATE TABLE IF NOT EXISTS demo.a (n Int8)"),
        ("CREATE MATERIALIZED VIEW demo.a TO b", "CREATE MATERIALIZED VIEW IF NOT EXISTS demo.a TO b"),
        ("CREATE VIEW demo.a AS SELECT 'CREATE TABLE'", "CREATE VIEW IF NOT EXISTS demo.a AS SELECT 'CREATE TABLE'"),
        ("CREATE DICTIONARY demo.a", "CREATE DICTIONARY IF NOT EXISTS demo.a"),
        ("CREATE FUNCTION f AS x -> x", "CREATE FUNCTION IF NOT EXISTS f AS x -> x"),
        ("CREATE DATABASE demo\nENGINE = Atomic", "CREATE DATABASE IF NOT EXISTS demo\nENGINE = Atomic"),
        ("CREATE TABLE IF NOT EXISTS demo.a", "CREATE TABLE IF NOT EXISTS demo.a"),
    ],
)  # fmt: skip
def test_a_statement_can_be_repeated(statement, expected):
    assert if_not_exists(statement) == expected


@pytest.mark.parametrize(
    ("own", "path", "replica", "expected"),
    [
        # As it should be: nothing to do.
        (CH5, "/tables/{shard}/hits", "{replica}", ("/tables/{shard}/hits", "{replica}")),
        (CH6, "/tables/{shard}/hits", "{replica}", ("/tables/{shard}/hits", "{replica}")),
        # Created on each host with its own values.
        (CH5, "/tables/01/hits", "ch1", ("/tables/01/hits", "{replica}")),
        (CH6, "/tables/01/hits", "ch1", ("/tables/{shard}/hits", "{replica}")),
        # A table of all shards has one path.
        (CH6, "/tables/all/hits", "{shard}-{replica}", ("/tables/all/hits", "{shard}-{replica}")),
        # Only a whole part of the path is the shard.
        (CH6, "/tables/2001/hits", "{replica}", ("/tables/2001/hits", "{replica}")),
    ],
)
def test_the_engine_fits_the_new_replica(own, path, replica, expected):
    statement = for_replica(ENGINE.format(path, replica), CH1, own)
    assert statement == ENGINE.format(*expected)
    assert list(check_statement("demo.hits", statement, CH1, own)) == []


def test_the_replicated_engine_of_a_database_fits_the_new_replica():
    text = "CREATE DATABASE d\nENGINE = Replicated('/databases/d', '{}', '{}')"
    assert for_replica(text.format("01", "ch1"), CH1, CH6) == text.format("{shard}", "{replica}")
    assert for_replica(text.format("01", "ch1"), CH1, CH5) == text.format("01", "{replica}")


def test_other_engines_and_text_stay():
    text = "CREATE TABLE demo.a (s String DEFAULT 'ch1') ENGINE = MergeTree ORDER BY s COMMENT '/01/'"
    assert for_replica(text, CH1, CH6) == text


def test_a_name_that_two_replicas_would_have():
    statement = ENGINE.format("/tables/all/hits", "first")
    (finding,) = check_statement("demo.hits", for_replica(statement, CH1, CH5), CH1, CH5)
    assert (finding.severity, finding.subject) == ("critical", "demo.hits") and "first" in finding.found


def test_a_hidden_password_cannot_be_copied():
    statement = "CREATE TABLE demo.m (n Int8) ENGINE = MySQL('host', 'db', 't', 'user', '[HIDDEN]')"
    (finding,) = check_statement("demo.m", statement, CH1, CH5)
    assert "password" in finding.found and "by hand" in finding.hint
