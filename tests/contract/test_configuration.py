# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Every engine loads what the role renders, and has understood it as the inventory means it."""

import re
from itertools import groupby

import pytest
from engines import EngineServer
from rendering import evaluate, variables_of
from settings_written import UNLISTED, missing, written

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import has
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.loaded import check_loaded
from inventories import CLOSED_PORT, EVERYTHING, INVENTORIES

# Variables of the installation.
INSTALLATION = {
    "clickhouse_archive_url",
    "clickhouse_channel",
    "clickhouse_checksums",
    "clickhouse_files_url",
    "clickhouse_install_method",
    "clickhouse_package_vendor",
    "clickhouse_repository_key",
    "clickhouse_repository_url",
    "clickhouse_version",
}


def by_name(rows, key="name"):
    return {row[key]: row for row in rows}


def test_the_engine_is_of_the_version_that_it_stands_for(loaded, version):
    assert loaded.full_version.startswith(f"{version}.")


def test_macros(loaded, inventory):
    host = inventory.replicas[inventory.host]
    found = {row["macro"]: row["substitution"] for row in loaded.rows("SELECT * FROM system.macros")}
    more = {name: str(value) for name, value in inventory.common.get("clickhouse_macros", {}).items()}
    assert found == {
        **more,
        "cluster": inventory.common.get("topology_cluster", "main"),
        "shard": host["clickhouse_shard"],
        "replica": host.get("clickhouse_replica", inventory.host),
    }


@pytest.mark.parametrize("inventory", ["large"], indirect=True)
def test_a_statement_may_use_a_macro_within_another_one(loaded):
    create = "CREATE TABLE in_rack (n Int8) ENGINE = ReplicatedMergeTree('/{rack}/t', 'r') ORDER BY n"
    with pytest.raises(ClickHouseError, match="All connection tries failed"):
        loaded.query(create)
    assert loaded.rows("SELECT getMacro('layer') AS layer") == [{"layer": "<l1> & ß"}]


def test_clusters(loaded, inventory):
    """The shards in their order, each with its replicas, which replicate by themselves."""
    shards = {}
    for name, host in inventory.replicas.items():
        endpoint = (host.get("ansible_host", name), host.get("clickhouse_tcp_port", 9000))
        shards.setdefault(host["clickhouse_shard"], []).append(endpoint)
    rows = loaded.rows("SELECT * FROM system.clusters ORDER BY cluster, shard_num, replica_num")
    found = [[(row["host_name"], row["port"]) for row in group] for _n, group in groupby(rows, by_shard)]
    assert found == [shards[shard] for shard in inventory.common.get("topology_shards") or shards]
    assert {row["cluster"] for row in rows} == {inventory.common.get("topology_cluster", "main")}
    assert {row["user"] for row in rows} == {inventory.common.get("clickhouse_cluster_user", "cluster")}
    assert {row["internal_replication"] for row in rows} == {1}


def test_the_module_finds_the_macros_and_the_clusters_that_it_looks_for(loaded, inventory, version):
    macros = {
        **evaluate(inventory, version, "topology_model.cluster.macros[inventory_hostname]"),
        **evaluate(inventory, version, "__clickhouse_macros"),
    }
    clusters = evaluate(inventory, version, "__clickhouse_remote_servers")
    server = EngineServer(loaded)
    assert macros and clusters and check_loaded(server, "server", macros, clusters) == []
    others = {"macros": {"shard": "of another host"}, "clusters": {name: [] for name in clusters}}
    assert [finding.check for finding in check_loaded(server, "server", **others)] == ["loaded"] * 2


def by_shard(row):
    return row["shard_num"]


def test_members_of_the_ensemble(loaded, inventory):
    """The client of ZooKeeper takes the section, and looks for every member on each of its ports."""
    expected = {
        f"{host}:{port}"
        for host, member in inventory.members.items()
        for port in (CLOSED_PORT, member.get("zookeeper_previous_client_port"))
        if port
    }
    create = "CREATE TABLE replicated (n Int8) ENGINE = ReplicatedMergeTree('/t', 'r') ORDER BY n"
    with pytest.raises(ClickHouseError, match=r"All connection tries failed .* nodes: ") as error:
        loaded.query(create)
    assert set(re.findall(r"127\.0\.0\.\d:\d+", str(error.value))) == expected


@pytest.mark.parametrize("inventory", ["external"], indirect=True)
def test_members_that_somebody_else_runs(loaded):
    """The server looks for each of them, with TLS where it is asked for."""
    create = "CREATE TABLE replicated (n Int8) ENGINE = ReplicatedMergeTree('/t', 'r') ORDER BY n"
    with pytest.raises(ClickHouseError, match=r"All connection tries failed .* nodes: ") as error:
        loaded.query(create)
    assert set(re.findall(r"(?:secure://)?127\.0\.0\.\d:\d+", str(error.value))) == {
        f"127.0.0.7:{CLOSED_PORT}",
        f"secure://127.0.0.8:{CLOSED_PORT + 1}",
    }


def test_users_log_in_from_their_networks_with_a_hash(loaded, inventory):
    users = by_name(loaded.rows("SELECT name, toString(auth_type) AS auth, host_ip, host_names FROM system.users"))
    addresses = {host.get("ansible_host", name) for name, host in inventory.replicas.items()}
    names = {name for name in addresses if name.endswith(".invalid")}
    networks = {
        "default": set(),
        inventory.common.get("clickhouse_admin_user", "admin"): set(
            inventory.common.get("clickhouse_admin_networks", ["::/0"])
        ),
        inventory.common.get("clickhouse_cluster_user", "cluster"): addresses - names,
    }
    assert {name: set(user["host_ip"]) for name, user in users.items()} == networks
    for name, user in users.items():
        if "::/0" in user["host_ip"]:
            continue
        # The addresses of the loopback.
        assert "localhost" in user["host_names"]
        assert set(user["host_names"]) - {"localhost"} <= names
        assert name == "default" or "sha256_password" in user["auth"]


def test_users_have_the_default_profile_and_quota_and_do_not_manage_access(loaded, inventory):
    users = {
        inventory.common.get("clickhouse_admin_user", "admin"),
        inventory.common.get("clickhouse_cluster_user", "cluster"),
    }
    profiles = loaded.rows("SELECT user_name, inherit_profile FROM system.settings_profile_elements")
    assert {row["user_name"] for row in profiles if row["inherit_profile"] == "default"} >= users
    (quota,) = loaded.rows("SELECT apply_to_list FROM system.quotas WHERE name = 'default'")
    assert set(quota["apply_to_list"]) >= users
    grants = loaded.rows("SELECT user_name, access_type FROM system.grants")
    for user in users:
        types = {row["access_type"] for row in grants if row["user_name"] == user}
        assert {"SELECT", "INSERT", "ALTER", "CREATE", "DROP", "SYSTEM"} <= types
        assert not {"CREATE USER", "ACCESS MANAGEMENT", "ALL"} & types


def test_every_setting_of_the_server_is_known(loaded, inventory, version):
    listed = by_name(loaded.rows("SELECT name FROM system.server_settings"))
    unknown = written(inventory, version) - set(listed)
    expected = missing(UNLISTED, version)
    if not has(version, "ddl_replicas_path"):
        expected -= {"distributed_ddl.replicas_path"}
    assert sorted(unknown) == sorted(expected)


# Growth and schema: statements, which have tests of their own.
GROWTH = ("clickhouse_databases", "clickhouse_join_timeout", "clickhouse_schema", "clickhouse_schema_timeout")


@pytest.mark.parametrize("inventory", ["large"], indirect=True)
def test_the_large_inventory_changes_every_variable_of_the_configuration(inventory, version):
    """What a template reads differs from the default, so that the tests above would see a value that is lost."""
    default, changed = (variables_of(INVENTORIES[name], version) for name in ("small", "large"))
    role = {name for name in default if name.startswith("clickhouse_")}
    same = {name for name in role if default[name] == changed.get(name)}
    # They change what the role does and not what it writes, are no setting of the server, or have tests of their own.
    assert same == {
        *INSTALLATION,
        *EVERYTHING,
        *GROWTH,
        "clickhouse_adopt_existing",
        "clickhouse_after_start",
        "clickhouse_allow_open_users",
        "clickhouse_allow_shard_changes",
        "clickhouse_before_stop",
        "clickhouse_compression",
        "clickhouse_auxiliary_zookeepers",
        "clickhouse_disk_free_min_mb",
        "clickhouse_drain_timeout",
        "clickhouse_extra_config",
        "clickhouse_extra_users",
        "clickhouse_health_check_timeout",
        "clickhouse_https_port",
        "clickhouse_tcp_secure_port",
        "clickhouse_health_limits",
        "clickhouse_layout_limits",
        "clickhouse_metadata",
        "clickhouse_profiles",
        "clickhouse_restart_parallel_shards",
        "clickhouse_quotas",
        "clickhouse_shared_config",
        "clickhouse_shared_config_history",
        "clickhouse_shared_config_password",
        "clickhouse_users",
        "clickhouse_named_collections_key",
        "clickhouse_nofile",
        "clickhouse_zookeeper_nodes",
    }
