# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What engines do not keep in ZooKeeper, and what they do without it."""

import pytest
from engines import VERSIONS, Engine, EngineFailure
from ensemble import Ensemble
from rendering import render, write
from stored import STORED, TABLE, numbers

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import has
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.stores import STORES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.validate import DATABASE_ENGINES
from inventories import CLOSED_PORT, COLLECTIONS_KEY, metadata


def test_an_engine_stores_only_what_the_feature_table_says(version, plain):
    """A version without a feature has no statement for it."""
    for key in STORED:
        if not has(version, STORES[key].feature):
            with pytest.raises(ClickHouseError):
                plain.query(STORED[key][0][0])


# Of the others, test_metadata.py shows those that encrypt; in the rest the statement crashes the library.
@pytest.mark.parametrize(
    "version", [version for version in VERSIONS if not has(version, "collections_encrypted")], indirect=True
)
def test_an_engine_without_encryption_says_so(version, start, ensemble):
    ensemble.client.ensure_path("/contract/encrypted")
    storage = f"<type>zookeeper_encrypted</type><path>/c</path><key_hex>{COLLECTIONS_KEY}</key_hex>"
    place = f"<node><host>127.0.0.1</host><port>{ensemble.port}</port></node><root>/contract/encrypted</root>"
    fragment = f"<zookeeper>{place}</zookeeper><named_collections_storage>{storage}</named_collections_storage>"
    with pytest.raises(ClickHouseError, match="Unknown storage for named collections"):
        start(version, {"config.d/a.xml": fragment}).query(STORED["named_collections"][0][0])


@pytest.mark.parametrize("engine", ["Atomic", "Ordinary", "Replicated", "Shared"])
def test_which_engine_new_databases_can_have_by_default(version, plain, engine):
    statement = f"SET default_database_engine = '{engine}'"
    if engine in DATABASE_ENGINES:
        plain.query(statement)
        return
    with pytest.raises(ClickHouseError, match="Unexpected value of DefaultDatabaseEngine"):
        plain.query(statement)


def test_without_the_ensemble_an_engine_that_starts_has_no_functions(version, tmp_path):
    """Earlier ones do not start: the unit of the role starts them again."""
    write(render(metadata(CLOSED_PORT, "/x", version, clickhouse_metadata={"functions": {}}), version), tmp_path)
    if numbers(version) < [26, 3]:
        with pytest.raises(EngineFailure, match="All connection tries failed"):
            Engine(version, tmp_path)
        return
    engine = Engine(version, tmp_path)
    with pytest.raises(ClickHouseError, match="twice"):
        engine.query("SELECT twice(2)")
    engine.close()


@pytest.mark.parametrize("version", ["26.3", "26.9"], indirect=True)
def test_while_the_ensemble_is_away_an_engine_uses_what_it_has_read(version, tmp_path):
    """Earlier libraries read everything again before each statement."""
    root, (place, ensemble_place) = "/away", (tmp_path / "engine", tmp_path / "ensemble")
    for directory in (place, ensemble_place):
        directory.mkdir()
    ensemble = Ensemble(ensemble_place)
    ensemble.client.create(root)
    stores = {"functions": {}, "workloads": {}}
    inventory = metadata(ensemble.port, root, version, clickhouse_metadata=stores, clickhouse_named_collections_key="")
    write(render(inventory, version), place)
    engine = Engine(version, place)
    for key in stores:
        engine.query(STORED[key][0][0])
    ensemble.close()
    assert engine.query("SELECT twice(2)") == "4\n"
    assert engine.query("SELECT name FROM system.workloads") == "everything\n"
    for statement in ("CREATE FUNCTION thrice AS x -> x * 3", "CREATE WORKLOAD part IN everything"):
        with pytest.raises(ClickHouseError, match=r"ZooKeeper|Coordination"):
            engine.query(statement)
    engine.kill()


@pytest.mark.parametrize("key", ["use_xid_64", "use_compression"])
def test_what_needs_keeper_does_not_help_with_zookeeper(version, start, ensemble, key):
    """24.8 does not know the first one, which keeps later ones from the ensemble. The second one does nothing."""
    ensemble.client.ensure_path("/contract/keeper")
    place = f"<node><host>127.0.0.1</host><port>{ensemble.port}</port></node><root>/contract/keeper</root>"
    interserver = (
        "<interserver_http_host>ch1</interserver_http_host><interserver_http_port>9009</interserver_http_port>"
    )
    fragment = f"<zookeeper>{place}<{key}>1</{key}></zookeeper>{interserver}"
    engine = start(version, {"config.d/a.xml": fragment + "<macros><replica>r1</replica></macros>"})
    engine.query("CREATE DATABASE demo ENGINE = Atomic")
    statement = TABLE.format("hits", f"/{key}/{version}")
    if key == "use_compression":
        engine.query(statement)
        # With replicated tables the library does not end by itself.
        engine.kill()
        return
    problem = "Unknown key use_xid_64" if version == "24.8" else "All connection tries failed"
    with pytest.raises(ClickHouseError, match=problem):
        engine.query(statement)
