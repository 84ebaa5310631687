# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The feature table says about each engine what the engine shows."""

import pytest
from engines import VERSIONS, ZOOKEEPER, EngineFailure

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import FEATURES, has
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError

# A statement that succeeds where a feature is known.
STATEMENTS = {
    "access_in_zookeeper": "SELECT name, type FROM system.user_directories",
    # Another element than shard and discovery is an error.
    "cluster_discovery": "SELECT * FROM system.clusters",
    "collections_source": "SELECT source FROM system.named_collections",
    # The fragment with ZooKeeper has the root <clickhouse>.
    "config_root_clickhouse": "SELECT throwIf(getMacro('root') != 'clickhouse')",
    "replicas_zookeeper_exception": "SELECT zookeeper_exception FROM system.replicas",
    "replicas_zookeeper_name": "SELECT zookeeper_name FROM system.replicas",
    "system_drop_replica": "EXPLAIN AST SYSTEM DROP REPLICA 'r' FROM ZKPATH '/t'",
}
# A fragment that makes an engine store something in ZooKeeper, and a statement that stores it. Nothing listens there.
STORED = {
    "collections_in_zookeeper": (
        "<named_collections_storage><type>zookeeper</type><path>/c</path></named_collections_storage>",
        "CREATE NAMED COLLECTION c AS a = 1",
    ),
    "functions_in_zookeeper": (
        "<user_defined_zookeeper_path>/f</user_defined_zookeeper_path>",
        "CREATE FUNCTION f AS x -> x",
    ),
}
# What the library cannot show, by version.
UNSEEN = {
    # It runs no ON CLUSTER statements.
    "ddl_liveness": VERSIONS,
    # The statement ends with a segmentation fault.
    "collections_in_zookeeper": ["25.8", "26.3"],
}


def works(engine, statement):
    try:
        engine.query(statement)
    except ClickHouseError:
        return False
    return True


def test_every_feature_is_tried_or_explained():
    assert {*STATEMENTS, *STORED, *UNSEEN} == set(FEATURES)


@pytest.mark.parametrize("feature", STATEMENTS)
def test_an_engine_has_what_the_table_says(plain, version, feature):
    assert works(plain, STATEMENTS[feature]) is has(version, feature)


@pytest.mark.parametrize(
    ("version", "feature"),
    [(version, feature) for version in VERSIONS for feature in STORED if version not in UNSEEN.get(feature, ())],
    indirect=["version"],
)
def test_an_engine_stores_in_zookeeper_what_the_table_says(plain, start, version, feature):
    fragment, statement = STORED[feature]
    assert works(plain, statement)
    try:
        succeeds = works(start(version, {"config.d/a.xml": ZOOKEEPER + fragment}), statement)
    except EngineFailure as error:
        # Some engines look for the ensemble when they start.
        succeeds = "DB::Exception" not in str(error)
    assert succeeds is not has(version, feature)


def test_an_engine_still_reads_the_root_of_old_versions(version, start):
    engine = start(version, {"config.d/a.xml": "<macros><root>yandex</root></macros>"}, root="yandex")
    assert engine.query("SELECT getMacro('root')") == "yandex\n"
