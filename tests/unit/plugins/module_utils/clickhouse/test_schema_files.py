# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The variables of the schema, with the files that they name."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.schema_files import load_schema

TABLE = "CREATE TABLE IF NOT EXISTS demo.hits ON CLUSTER main (day Date) ENGINE = Log"
ALTER = "ALTER TABLE demo.hits ON CLUSTER main ADD COLUMN id UInt64"


@pytest.fixture
def load(tmp_path):
    (tmp_path / "hits.sql").write_text(f"-- The hits.\n{TABLE};\n{ALTER};\n")
    (tmp_path / "latin.sql").write_bytes(b"-- \xe9")

    def run(schema=(), databases=()):
        options, errors = load_schema("ch1", databases, schema, "main", str(tmp_path))
        return options, [(error.check, error.subject, error.found) for error in errors]

    return run


def test_nothing(load):
    assert load() == ({"databases": [], "entries": []}, [])


def test_files_and_statements(load, tmp_path):
    options, errors = load(
        [
            {"name": "a", "file": "hits.sql"},
            {"name": "b", "file": str(tmp_path / "hits.sql")},
            {"name": "c", "statements": f"{TABLE}; {ALTER}"},
            {"name": "d", "statements": [TABLE, ALTER]},
        ],
        ["demo", {"name": "log", "engine": "Atomic"}],
    )
    assert errors == []
    assert options["databases"] == [{"name": "demo"}, {"name": "log", "engine": "Atomic"}]
    assert [item["name"] for item in options["entries"]] == ["a", "b", "c", "d"]
    assert [len(item["statements"]) for item in options["entries"]] == [2, 2, 2, 2]
    assert options["entries"][3]["statements"] == [TABLE, ALTER]


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ("hits.sql", "'hits.sql'"),
        ({"file": "hits.sql"}, "{'file': 'hits.sql'}"),
        ({"name": "a"}, "a with neither a file nor statements"),
        ({"name": "a", "file": "hits.sql", "statements": [TABLE]}, "a with both a file and statements"),
        ({"name": "a", "files": "hits.sql"}, "{'name': 'a', 'files': 'hits.sql'}"),
        ({"name": "a", "file": "none.sql"}, "a: [Errno 2] No such file or directory"),
        ({"name": "a", "file": "latin.sql"}, "a: 'utf-8' codec can't decode"),
        ({"name": "a", "statements": "DROP TABLE x"}, "in a, statement 1: DROP without ON CLUSTER"),
    ],
)
def test_wrong_entries(load, item, found):
    options, ((variable, host, text),) = load([item])
    assert (variable, host) == ("clickhouse_schema", "ch1") and text.startswith(found)
    assert options["entries"] == []


def test_a_name_is_used_once(load):
    _options, errors = load([{"name": "a", "statements": [TABLE]}] * 2)
    assert errors == [("clickhouse_schema", "ch1", "a 2 times")]


@pytest.mark.parametrize("item", [{"engine": "Atomic"}, {"name": "demo", "size": 1}, 7, None])
def test_wrong_databases(load, item):
    _options, ((variable, _host, _found),) = load(databases=[item])
    assert variable == "clickhouse_databases"
