# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Fingerprints of a server."""

import json

import pytest
from helpers import http_server

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.catalog import read_catalog
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import Server

HITS = {
    "database": "demo",
    "name": "hits",
    "engine": "ReplicatedMergeTree",
    "create_table_query": "CREATE TABLE demo.hits ( id UInt64) ENGINE = ReplicatedMergeTree('/t/{shard}', '{replica}')",
}
CONFIG = "<yandex><macros><shard>01</shard></macros><logger/><compression><case/></compression></yandex>"
USERS = "<yandex><users><web><password>x</password></web></users><profiles><default/></profiles></yandex>"


@pytest.fixture
def catalog(tmp_path):
    def read(rows=(HITS,), config=CONFIG, users=USERS):
        (tmp_path / "config.xml").write_text(config)
        (tmp_path / "users.xml").write_text(users)
        with http_server(lambda _query: json.dumps({"data": list(rows)})) as (port, _requests):
            return read_catalog(Server(port=port), str(tmp_path))

    return read


def test_shared_tables_users_and_settings(catalog):
    local = {**HITS, "name": "local", "engine": "MergeTree"}
    found = catalog([HITS, local])
    assert list(found["tables"]) == ["demo.hits"] and found["tables"]["demo.hits"]["engine"] == "ReplicatedMergeTree"
    assert list(found["users"]) == ["users/web", "profiles/default"]
    # What belongs to one host is not compared.
    assert list(found["settings"]) == ["compression"]


def test_only_a_difference_that_matters_is_one(catalog):
    same = catalog(
        [{**HITS, "create_table_query": HITS["create_table_query"].replace("{shard}", "02")}],
        CONFIG.replace("01", "02").replace("<case/>", "\n <!-- why --> <case/>\n"),
        USERS.replace("<web>", '<web replace="replace">'),
    )
    assert same == catalog()


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("tables", {"rows": [{**HITS, "create_table_query": "CREATE TABLE demo.hits ( id Int8) ENGINE = X"}]}),
        ("settings", {"config": CONFIG.replace("<case/>", "<case><method>zstd</method></case>")}),
        ("users", {"users": USERS.replace("<password>x", "<password>y")}),
    ],
)
def test_a_difference(catalog, part, change):
    found, other = catalog(), catalog(**change)
    assert [name for name in found if found[name] != other[name]] == [part]
    # A password is not in what it returns.
    assert "password" not in str(other)


def test_a_server_that_does_not_answer_is_not_asked(tmp_path):
    (tmp_path / "config.xml").write_text(CONFIG)
    with http_server(lambda _query: "") as (port, requests):
        found = read_catalog(Server(port=port), str(tmp_path), answers=False)
        assert (found["tables"], list(found["settings"]), list(requests)) == (None, ["compression"], [])


def test_what_cannot_be_read_is_unknown(tmp_path):
    assert read_catalog(Server(port=1, timeout=1), str(tmp_path)) == {"tables": None, "settings": None, "users": None}


@pytest.mark.parametrize("rows", [[{}], [None], ["x"], [{"database": "d", "name": 1, "engine": None}]])
def test_answers_that_are_none(catalog, rows):
    assert catalog(rows)["tables"] in (None, {})
