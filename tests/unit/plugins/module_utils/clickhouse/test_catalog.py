# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Fingerprints of a server."""

import json

import pytest
from helpers import http_server

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.catalog import comparable, read_catalog
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
        macros = [{"macro": "shard", "substitution": "01"}, {"macro": "replica", "substitution": "ch1"}]

        def answer(query):
            return json.dumps({"data": macros if "system.macros" in query else list(rows)})

        with http_server(answer) as (port, _requests):
            return read_catalog(Server(port=port), str(tmp_path))

    return read


def test_shared_tables_users_and_settings(catalog):
    local = {**HITS, "name": "local", "engine": "MergeTree"}
    inner = {**HITS, "name": ".inner_id.fe7e4ad0-3c11-4e4c-9c5a-6f9bb4e4ab3e"}
    found = catalog([HITS, local, inner])
    assert list(found["tables"]) == ["demo.hits"] and found["tables"]["demo.hits"]["engine"] == "ReplicatedMergeTree"
    assert list(found["users"]) == ["users/web", "profiles/default"]
    # What belongs to one host is not compared.
    assert list(found["settings"]) == ["compression"]


def test_only_a_difference_that_matters_is_one(catalog):
    same = catalog(
        [
            {
                **HITS,
                "create_table_query": HITS["create_table_query"].replace("{shard}", "01").replace("{replica}", "ch1"),
            }
        ],
        CONFIG.replace("01", "02").replace("<case/>", "\n <!-- why --> <case/>\n"),
        USERS.replace("<web>", '<web replace="replace">'),
    )
    assert same == catalog()


UUIDS = ("fe7e4ad0-3c11-4e4c-9c5a-6f9bb4e4ab3e", "00000000-3c11-4e4c-9c5a-6f9bb4e4ab3f")
ON_CH1, ON_CH3 = ["main", "01", "ch1"], ["main", "02", "ch3"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ReplicatedMergeTree('/t/{shard}/hits', '{replica}')", "ReplicatedMergeTree('/t/{shard}/hits', '{replica}')"),
        ("ReplicatedMergeTree('/t/01/hits', 'ch1')", "ReplicatedMergeTree('/t/02/hits', 'ch3')"),
        ("ReplicatedMergeTree('/t/{shard}/hits', 'ch1')", "ReplicatedMergeTree('/t/02/hits', '{replica}')"),
        ("ReplicatedMergeTree('/t/main_01/hits', 'a')", "ReplicatedMergeTree('/t/main_02/hits', 'b')"),
        ("ReplicatedMergeTree('/t/{uuid}/{shard}', 'a')", f"ReplicatedMergeTree('/t/{UUIDS[1]}/02', 'b')"),
    ],
)
def test_what_each_replica_has_for_itself_is_no_difference(one, other):
    texts = [
        comparable(f"CREATE TABLE d.t UUID '{uuid}' (n Int8) ENGINE = {engine} ORDER BY n", macros)
        for uuid, engine, macros in zip(UUIDS, (one, other), (ON_CH1, ON_CH3))
    ]
    assert texts[0] == texts[1] and texts[0].endswith(" ORDER BY n")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(n Int8) ENGINE = Distributed(main, d, t)", "(n Int8) ENGINE = Distributed(other, d, u)"),
        ("(n Int8) ENGINE = Distributed('main', 'd', 't01')", "(n Int8) ENGINE = Distributed('main', 'd', 't02')"),
        (
            "(n Int8) ENGINE = ReplicatedMergeTree('/t/01/a', 'a')",
            "(n Int8) ENGINE = ReplicatedMergeTree('/u/02/a', 'b')",
        ),
        (
            "(n Int8) ENGINE = ReplicatedMergeTree('/t/{shard}', '{replica}') ORDER BY n TTL d",
            "(n Int8) ENGINE = ReplicatedMergeTree('/t/{shard}', '{replica}') ORDER BY n",
        ),
        (
            "(n Int8) ENGINE = ReplicatedSummingMergeTree('/t', 'r', n) ORDER BY n",
            "(n Int8) ENGINE = ReplicatedSummingMergeTree('/t', 'r', m) ORDER BY n",
        ),
        ("(n Int8) ENGINE = Log AS SELECT n FROM d.t", "(n Int8) ENGINE = Log AS SELECT n FROM d.u"),
        (f"(n UUID DEFAULT '{UUIDS[0]}')", f"(n UUID DEFAULT '{UUIDS[1]}')"),
    ],
)
def test_what_differs_between_replicas_is_a_difference(one, other):
    assert comparable(f"CREATE TABLE d.t {one}", ON_CH1) != comparable(f"CREATE TABLE d.t {other}", ON_CH3)


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
