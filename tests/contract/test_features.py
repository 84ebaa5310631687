# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The feature table says about each engine what the engine shows."""

import mmap
import re

import pytest
from engines import NODE, VERSIONS, ZOOKEEPER, EngineFailure, library
from test_user_features import USERS

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import FEATURES, has
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError


def listed(*settings, condition="1"):
    names = ", ".join(f"'{name}'" for name in settings)
    found = f"FROM system.server_settings WHERE name IN ({names}) AND {condition}"
    return f"SELECT throwIf(count() != {len(settings)}) {found}"


# A statement that succeeds where a feature is known.
STATEMENTS = {
    "access_in_zookeeper": "SELECT name, type FROM system.user_directories",
    # The file of the user that asks sets it.
    "access_management": "SELECT throwIf(not has(groupArray(toString(access_type)) AS t, 'CREATE USER') "
    "AND not has(t, 'ACCESS MANAGEMENT')) FROM system.grants",
    "backup_statement": "EXPLAIN AST BACKUP TABLE t TO Disk('d', 'b')",
    # Another element than shard and discovery is an error.
    "cluster_discovery": "SELECT * FROM system.clusters",
    # The codecs of columns are the methods of the server.
    "compression_lz4hc": "CREATE TEMPORARY TABLE compressed (n Int8 CODEC(LZ4HC(5)))",
    "collections_source": "SELECT source FROM system.named_collections",
    # The fragment with ZooKeeper has the root <clickhouse>.
    "config_root_clickhouse": "SELECT throwIf(getMacro('root') != 'clickhouse')",
    "default_replica_path": listed("default_replica_path", "default_replica_name"),
    "function_getmacro": "SELECT getMacro('root')",
    "index_caches": listed("index_mark_cache_size", "index_uncompressed_cache_size"),
    "keeper_map": "SELECT throwIf(count() = 0) FROM system.table_engines WHERE name = 'KeeperMap'",
    "kill_mutation": "EXPLAIN AST KILL MUTATION WHERE 1",
    "limits_by_kind_of_query": listed("max_concurrent_insert_queries", "max_concurrent_select_queries"),
    "reload_limits": listed(
        "max_concurrent_queries", "mark_cache_size", condition="changeable_without_restart = 'Yes'"
    ),
    "replicas_zookeeper_exception": "SELECT zookeeper_exception FROM system.replicas",
    "replicas_zookeeper_name": "SELECT zookeeper_name FROM system.replicas",
    "server_memory_limit": listed("max_server_memory_usage", "max_server_memory_usage_to_ram_ratio"),
    "server_pools": listed("background_pool_size", "background_fetches_pool_size"),
    "system_access_tables": "SELECT users.storage, policies.short_name, elements.value, limits.max_queries "
    "FROM system.users AS users, system.row_policies AS policies, system.settings_profile_elements AS elements, "
    "system.quota_limits AS limits",
    "system_detached_parts": "SELECT * FROM system.detached_parts",
    "system_disks": "SELECT name, path, free_space, total_space FROM system.disks",
    "system_distribution_queue": "SELECT error_count, last_exception, broken_data_files FROM system.distribution_queue",
    # Without a queue it has no rows, which is an error.
    "system_distributed_ddl_queue": "DESCRIBE system.distributed_ddl_queue",
    "sql_functions": "SELECT create_query FROM system.functions WHERE origin = 'SQLUserDefined'",
    "system_drop_replica": "EXPLAIN AST SYSTEM DROP REPLICA 'r' FROM ZKPATH '/t'",
    "system_flush_distributed": "EXPLAIN AST SYSTEM FLUSH DISTRIBUTED t",
    "system_restore_replica": "EXPLAIN AST SYSTEM RESTORE REPLICA t",
    "system_server_settings": "SELECT * FROM system.server_settings LIMIT 1",
    "system_sync_replica_lightweight": "EXPLAIN AST SYSTEM SYNC REPLICA t LIGHTWEIGHT",
    "system_warnings": "SELECT * FROM system.warnings",
}
# A fragment, and a statement that succeeds with it where a feature is known.
LOADED = {
    # Another element than shard, discovery and secret is an error.
    "cluster_secret": (
        "<remote_servers><c><secret>s</secret><shard><replica><host>127.0.0.1</host><port>1</port></replica></shard></c>"
        "</remote_servers>",
        "SELECT * FROM system.clusters",
    ),
    # 18.16 shows no cluster at all then; a unit test asks one.
    "cluster_names_without_address": (
        "<remote_servers><c><shard><replica><host>c.invalid</host><port>1</port></replica></shard></c></remote_servers>",
        "SELECT throwIf(count() = 0) FROM system.clusters WHERE cluster = 'c'",
    ),
    "collections_in_files": (
        "<named_collections><c><a>1</a></c></named_collections>",
        "SELECT throwIf(count() = 0) FROM system.named_collections WHERE name = 'c'",
    ),
    "storage_policies": (
        "<storage_configuration><policies><p><volumes><v><disk>default</disk></v></volumes></p></policies></storage_configuration>",
        "SELECT throwIf(count() = 0) FROM system.storage_policies WHERE policy_name = 'p'",
    ),
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
# A fragment, a statement that needs ZooKeeper, and its error where a feature is known: nothing listens there, or the
# part of the server is missing that reads the availability zone.
UNREACHABLE = r"All connection tries failed .* nodes: "
REPLICATED = "CREATE TABLE replicated (n Int8) ENGINE = ReplicatedMergeTree('{}/t', 'r') ORDER BY n"


def client(keys, error=rf"{UNREACHABLE}127"):
    return f"<zookeeper>{NODE}{keys}</zookeeper>", REPLICATED.format(""), error


SOUGHT = {
    "auxiliary_zookeepers": (
        f"{ZOOKEEPER}<auxiliary_zookeepers><second>{NODE}</second></auxiliary_zookeepers>",
        REPLICATED.format("second:"),
        UNREACHABLE,
    ),
    "workloads_in_zookeeper": (
        f"{ZOOKEEPER}<workload_zookeeper_path>/w</workload_zookeeper_path>",
        "CREATE WORKLOAD w",
        UNREACHABLE,
    ),
    "zookeeper_connection_timeout_ms": client("<connection_timeout_ms>10</connection_timeout_ms>"),
    "zookeeper_fallback_session_lifetime": client(
        "<fallback_session_lifetime><min>1</min><max>2</max></fallback_session_lifetime>"
    ),
    "zookeeper_load_balancing": client("<zookeeper_load_balancing>round_robin</zookeeper_load_balancing>"),
    "zookeeper_num_connection_retries": client("<num_connection_retries>1</num_connection_retries>"),
    "zookeeper_path_acls": client("<path_acls/>"),
    "zookeeper_prefer_local_availability_zone": client(
        "<prefer_local_availability_zone>1</prefer_local_availability_zone>", "Placement info"
    ),
    "zookeeper_sessions_path": client("<sessions_path>/s</sessions_path>"),
    "zookeeper_secure": (
        f"<zookeeper>{NODE.replace('</node>', '<secure>1</secure></node>')}</zookeeper>",
        REPLICATED.format(""),
        rf"{UNREACHABLE}secure://",
    ),
}
# What the library does not do, and a name that its program contains where the feature is known.
NAMED = {
    # It runs no ON CLUSTER statements.
    "ddl_liveness": b"task_queue/replicas",
    "ddl_replicas_path": b"replicas_path",
    "more_system_logs": b"asynchronous_metric_log",
    # It loads no such configuration.
    "from_zk": b"from_zk",
    "ddl_pool_size": b"distributed_ddl.pool_size",
    "logger_json": b"logger.formatting.type",
    # It does not read the section.
    "profiles_changeable_in_readonly": b"settings_constraints_replace_previous",
    # It listens on no port.
    "prometheus_endpoint": b"prometheus.port",
    # It lacks the table; the name is that of a table and of its source.
    "system_zookeeper_connection": b"zookeeper_connection",
}
# What the library cannot show, by version.
UNSEEN = {
    # Only 26.9 keeps system logs; its tables show the expression.
    "system_log_ttl": VERSIONS,
    # It loads its configuration once.
    "reload_zookeeper": VERSIONS,
    # They load no collections of files.
    "collections_in_files": ["25.8", "26.3"],
    # The program contains the name in pieces.
    "logger_json": ["25.8"],
    # It runs no ON CLUSTER statements.
    "ddl_liveness": VERSIONS,
    # It registers nothing.
    "cluster_discovery_login": VERSIONS,
    # The statement ends with a segmentation fault.
    "collections_in_zookeeper": ["25.8", "26.3"],
}
# Tried with a real ZooKeeper, in test_metadata.py and test_metadata_limits.py.
LIVE = {
    "auxiliary_zookeepers",
    "collections_encrypted",
    "keeper_map",
    "replicated_databases",
    "transaction_log",
    "workloads_in_zookeeper",
}


def works(engine, statement):
    try:
        engine.query(statement)
    except ClickHouseError:
        return False
    return True


def test_every_feature_is_tried_or_explained():
    assert {*STATEMENTS, *LOADED, *STORED, *SOUGHT, *NAMED, *UNSEEN, *USERS, *LIVE} == set(FEATURES)


@pytest.mark.parametrize("feature", STATEMENTS)
def test_an_engine_has_what_the_table_says(plain, version, feature):
    assert works(plain, STATEMENTS[feature]) is has(version, feature)


def seen(features):
    """Parameters: each version with each of the features that it can show."""
    pairs = [
        (version, feature) for version in VERSIONS for feature in features if version not in UNSEEN.get(feature, ())
    ]
    return pytest.mark.parametrize(("version", "feature"), pairs, indirect=["version"])


@seen(LOADED)
def test_an_engine_understands_the_fragment_where_the_table_says(start, version, feature):
    fragment, statement = LOADED[feature]
    assert works(start(version, {"config.d/a.xml": fragment}), statement) is has(version, feature)


@pytest.mark.parametrize("feature", SOUGHT)
def test_an_engine_looks_for_the_ensemble_where_the_table_says(start, version, feature):
    fragment, statement, error = SOUGHT[feature]
    with pytest.raises(ClickHouseError) as raised:
        start(version, {"config.d/a.xml": fragment}).query(statement)
    assert bool(re.search(error, str(raised.value))) is has(version, feature)


@seen(NAMED)
def test_an_engine_contains_the_name_where_the_table_says(version, feature):
    with library(version).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as program:
        assert (program.find(NAMED[feature]) >= 0) is has(version, feature)


def test_an_engine_rejects_an_unknown_key_of_its_client_of_zookeeper(start, version):
    """So a key that it accepts is one that it knows."""
    fragment, statement, _error = client("<load_balancing>random</load_balancing>")
    with pytest.raises(ClickHouseError, match="Unknown key load_balancing"):
        start(version, {"config.d/a.xml": fragment}).query(statement)


@seen(STORED)
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
