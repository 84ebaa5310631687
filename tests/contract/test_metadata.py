# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Every engine keeps in a real ZooKeeper what the table of stores says, where the layout check looks for it."""

import time

import pytest
from engines import VERSIONS, Engine, EngineServer
from rendering import evaluate, render, write
from settings_written import METADATA_UNLISTED, UNLISTED, missing, written
from stored import SECRET, STORED, TABLE, UNSEEN, numbers, shown

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import has
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout import znodes
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.metadata import check_objects
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.read import read_worlds
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.world import Replica, World
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.stores import STORES
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import chosen
from inventories import metadata

# Znodes of a table: those of every engine, then the first engine that makes the others.
OF_EVERY_ENGINE = znodes.TABLE_REQUIRED | {
    "alter_partition_version",
    "async_blocks",
    "leader_election",
    "lost_part_count",
    "nonincrement_block_numbers",
    "part_moves_shard",
    "pinned_part_uuids",
    "table_shared_id",
    "temp",
}
SINCE = {"lightweight_updates": "25.8", "deduplication_hashes": "26.3"}
# Made by 18.16, or only by what the tests do not do: drop the table, or keep parts in shared storage.
NOT_HERE = {"flags", "dropped", "zero_copy_s3", "zero_copy_hdfs"}
# Its replica stays read-only in the library.
NOT_IN_THE_LIBRARY = {"is_active"}


@pytest.fixture(scope="session")
def filled(version, stored):
    """The engine after it has stored something in each store and created tables, and its chroot."""
    engine, root = stored
    engine.query("CREATE DATABASE demo ENGINE = Atomic")
    engine.query(TABLE.format("hits", "/tables/{shard}/hits"))
    engine.query(TABLE.format("old", "archive-1:/tables/{shard}/old"))
    for key in shown(version):
        for statement in STORED[key][0]:
            if key == "databases" and numbers(version) >= [26, 3]:
                # It creates the database in ZooKeeper, and then misses the port on which a server would listen.
                with pytest.raises(ClickHouseError, match="interserver_http"):
                    engine.query(statement)
            else:
                engine.query(statement)
    return engine, root


@pytest.fixture(scope="session")
def world(filled, ensemble):
    """The engine and its chroot, as the layout check reads them."""
    engine, root = filled
    inventory = metadata(ensemble.port, root, engine.version)
    options = evaluate(inventory, engine.version, "__clickhouse_metadata_paths")
    parts = [part for part in ("functions", "collections") if part in seen_parts(engine.version)]
    paths = znodes.Paths(**{part: options[f"{part}_path"] for part in parts})
    params = {"path": root, "followers_only": False, "connect_timeout": 10.0}
    servers = [(EngineServer(engine), "ch1")]
    statuses, tree, error = read_worlds(servers, parts, [("127.0.0.1", ensemble.port)], paths, params)
    assert error == ""
    return World(
        cluster="main",
        root=root,
        members=[f"127.0.0.1:{ensemble.port}"],
        paths=paths,
        replicas=[Replica("ch1", "01", "10.0.0.1", frozenset(["10.0.0.1"]))],
        servers={status.name: status for status in statuses},
        tree=tree,
        now=time.time(),
        limits=chosen(DEFAULTS, {}),
    )


def seen_parts(version):
    return {STORES[key].layout.removesuffix("_path") for key in shown(version)}


def test_every_store_is_tried_or_explained():
    assert {*STORED, *(key for key, versions in UNSEEN.items() if versions == VERSIONS)} == set(STORES)


def test_the_role_finds_nothing_wrong(version, ensemble):
    assert evaluate(metadata(ensemble.port, "/x", version), version, "__clickhouse_metadata_errors") == []


def test_every_setting_is_listed_or_explained(version, stored, ensemble):
    engine, root = stored
    listed = set(engine.query("SELECT name FROM system.server_settings").split())
    unknown = written(metadata(ensemble.port, root, version), version) - listed - missing(UNLISTED, version)
    explained = missing(METADATA_UNLISTED, version)
    found = {name if name in explained else name.partition(".")[0] for name in unknown}
    later = {
        "workload_zookeeper_path": "workloads_in_zookeeper",
        "named_collections_storage.algorithm": "collections_encrypted",
        "named_collections_storage.key_hex": "collections_encrypted",
    }
    assert found == explained - {name for name, feature in later.items() if not has(version, feature)}


def test_the_stores_are_at_their_paths_below_the_chroot(version, filled, ensemble):
    _engine, root = filled
    found = ensemble.paths(root)
    for key in shown(version):
        path = f"{root}{STORES[key].path}"
        assert path in found, key
        assert {f"{path}{znode}" for znode in STORED[key][1]} <= set(found), key
    # Sessions, which ClickHouse registers below the chroot as well.
    others = {"tables", "clickhouse"}
    assert {path.split("/")[3] for path in found} == {STORES[key].path[1:] for key in shown(version)} | others


def test_nothing_is_outside_the_chroots(filled, ensemble):
    assert set(ensemble.client.get_children("/")) == {"contract", "zookeeper"}
    tables = ensemble.client.get_children(f"{filled[1]}-archive/tables/01")
    assert tables == ["old"]


def test_the_users_of_the_role_are_in_files(filled):
    users = dict(line.split("\t") for line in filled[0].query("SELECT name, storage FROM system.users").splitlines())
    assert {users[name] for name in ("admin", "cluster", "default")} == {"users_xml"}


def test_the_user_of_the_cluster_may_read_what_the_layout_check_compares(filled, version):
    """And nothing else that the admin may not."""
    rights = {}
    for user in ("admin", "cluster"):
        query = f"SELECT access_type, database, is_partial_revoke FROM system.grants WHERE user_name = '{user}'"
        rights[user] = set(filled[0].query(query).splitlines())
    more = {line.split("\t")[0] for line in rights["cluster"] - rights["admin"]}
    assert (more, rights["admin"] - rights["cluster"]) == ({"SHOW ACCESS", "SHOW NAMED COLLECTIONS"}, set())


# The statement crashes the other libraries.
@pytest.mark.parametrize(
    "version", [version for version in VERSIONS if version not in UNSEEN["named_collections"]], indirect=True
)
def test_named_collections_are_encrypted_unless_the_plain_storage_is_chosen(version, filled, ensemble):
    data = ensemble.client.get(f"{filled[1]}/named_collections/mirror.sql")[0]
    assert (SECRET.encode() in data) is not has(version, "collections_encrypted")


def test_the_layout_check_reads_what_the_engine_stored(version, world):
    status = world.servers["ch1"]
    assert (status.error, status.errors) == ("", {})
    assert list(check_objects(world)) == []
    names = {"functions": ("function_twice.sql", "twice"), "collections": ("mirror.sql", "mirror")}
    for part in seen_parts(version) & set(names):
        znode, name = names[part]
        assert world.tree.names[getattr(world.paths, part)] == {znode}
        assert getattr(status, part) == {name}


def test_the_layout_check_sees_what_a_server_lacks(version, world):
    missing = {part: frozenset() for part in sorted(seen_parts(version) & {"functions", "collections"})}
    before = {name: getattr(world.servers["ch1"], name) for name in missing}
    vars(world.servers["ch1"]).update(missing)
    found = [finding.check for finding in check_objects(world)]
    vars(world.servers["ch1"]).update(before)
    assert sorted(found) == sorted(missing)


def test_znodes_of_a_replicated_table(version, world):
    assert set(world.tree.tables) == {"/tables/01/hits"}
    assert [table.path for table in world.servers["ch1"].tables] == ["/tables/01/hits"]
    table = world.tree.tables["/tables/01/hits"]
    later = {name for name, since in SINCE.items() if numbers(version) >= numbers(since)}
    assert table.names == OF_EVERY_ENGINE | later
    assert set(table.replicas) == {"10.0.0.1"}
    assert table.replicas["10.0.0.1"].names == znodes.REPLICA_KNOWN - NOT_IN_THE_LIBRARY


def test_a_replicated_database_is_none_of_the_tables(world):
    assert set(world.tree.databases) == {"/databases/one"}


def test_every_znode_of_the_table_is_seen_or_explained():
    assert OF_EVERY_ENGINE | set(SINCE) | NOT_HERE == znodes.TABLE_KNOWN


def test_two_clusters_on_one_ensemble_do_not_see_each_other(version, filled, ensemble, tmp_path):
    root = f"/contract/{version}-other"
    for path in (root, f"{root}-archive"):
        ensemble.client.ensure_path(path)
    write(render(metadata(ensemble.port, root, version), version), tmp_path)
    other = Engine(version, tmp_path)
    functions = "SELECT name FROM system.functions WHERE origin = 'SQLUserDefined'"
    try:
        assert (filled[0].query(functions), other.query(functions)) == ("twice\n", "")
        other.query("CREATE FUNCTION thrice AS x -> x * 3")
    finally:
        # Some libraries with functions in ZooKeeper do not end by themselves.
        other.kill()
    assert ensemble.client.get_children(f"{root}/functions") == ["function_thrice.sql"]
    assert ensemble.client.get_children(f"{filled[1]}/functions") == ["function_twice.sql"]
