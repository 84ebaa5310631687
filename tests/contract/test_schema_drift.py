# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The definitions of two engines, which are replicas of two shards, are compared."""

import uuid

import pytest
from engines import EngineServer

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.catalog import read_catalog
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.drift import check_drift
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import problems

REPLICA = "<replica><host>127.0.0.1</host><port>9000</port></replica>"
CLUSTERS = (
    f"<remote_servers><main><shard>{REPLICA}</shard></main><other><shard>{REPLICA}</shard></other></remote_servers>"
)
MACROS = "<macros><shard>{}</shard><replica>{}</replica></macros>"
HOSTS = {"ch1": "01", "ch3": "02"}
# Each with a change that must be found.
TABLES = {
    "hits": (
        "CREATE TABLE d.hits (n Int8, m Int8) ENGINE = ReplicatedMergeTree({}) ORDER BY n",
        "ORDER BY n",
        "ORDER BY m",
    ),
    "all": ("CREATE TABLE d.all AS d.hits ENGINE = Distributed(main, d, hits)", "main, d, hits", "other, d, all"),
    "both": ("CREATE TABLE d.both AS d.hits ENGINE = Merge(d, '^hits')", "^hits", "^all"),
    "buffer": (
        "CREATE TABLE d.buffer AS d.hits ENGINE = Buffer(d, hits, 1, 1, 1, 1, 1, 1, 1)",
        "d, hits, 1",
        "d, hits, 2",
    ),
    "view": (
        "CREATE VIEW d.view AS SELECT n FROM d.hits",
        "SELECT n FROM",
        "SELECT n FROM d.all WHERE n = 1 UNION ALL SELECT n FROM",
    ),
    "total": (
        "CREATE MATERIALIZED VIEW d.total ENGINE = MergeTree ORDER BY n AS SELECT n FROM d.hits",
        "FROM d.hits",
        "FROM d.hits WHERE n = 2",
    ),
}


@pytest.fixture
def pair(version, start, ensemble):
    """The second one has the parameters of its replicated table without macros."""
    root = f"/contract/drift-{uuid.uuid4()}"
    ensemble.client.ensure_path(root)
    node = f"<node><host>127.0.0.1</host><port>{ensemble.port}</port></node><root>{root}</root>"
    engines = [
        start(version, {"config.d/a.xml": f"<zookeeper>{node}</zookeeper>" + CLUSTERS + MACROS.format(shard, host)})
        for host, shard in HOSTS.items()
    ]
    parameters = (f"'/drift/{uuid.uuid4()}/{{shard}}', '{{replica}}'", f"'/drift/{uuid.uuid4()}/02', 'ch3'")
    for engine, text in zip(engines, parameters):
        engine.query("CREATE DATABASE d ENGINE = Atomic")
        for statement, _old, _new in TABLES.values():
            engine.query(statement.format(text))
    yield [EngineServer(engine) for engine in engines]
    for engine in engines:
        # With replicated tables the library does not end by itself.
        engine.kill()


def drift(pair, version, tmp_path):
    catalogs = {host: read_catalog(server, str(tmp_path)) for host, server in zip(HOSTS, pair)}
    assert set(catalogs["ch1"]["tables"]) == {f"d.{name}" for name in TABLES}
    return [finding.subject for finding in problems(check_drift(catalogs, dict.fromkeys(HOSTS, version), HOSTS))]


def test_the_same_tables_and_a_change_of_each(pair, version, tmp_path):
    assert drift(pair, version, tmp_path) == []
    server = pair[1]
    for name, (statement, old, new) in reversed(TABLES.items()):
        server.execute(f"DROP TABLE d.{name}")
        changed = statement.replace(old, new)
        assert changed != statement
        server.execute(changed.format(f"'/drift/{uuid.uuid4()}/02', 'ch3'"))
        assert f"cluster d.{name}" in drift(pair, version, tmp_path)
    assert len(drift(pair, version, tmp_path)) == len(TABLES)
