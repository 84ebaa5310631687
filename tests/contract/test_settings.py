# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Every engine takes over the named settings of the server, and reloads what the table says."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from engines import VERSIONS, EngineServer
from rendering import config_tree_arguments, evaluate, render, resolve
from settings_written import missing
from stored import numbers
from test_configuration import by_name

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.element_names import misspelt
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import has
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.loaded import check_loaded
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.settings import (
    FRAGMENTS,
    SECTIONS,
    SERVER,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.config_tree import matches
from inventories import EVERYTHING, INVENTORIES, OTHERS

CLUSTERS, OPENSSL = EVERYTHING["clickhouse_extra_clusters"], EVERYTHING["clickhouse_openssl"]
EVERY = pytest.mark.parametrize("inventory", ["everything"], indirect=True)
# Settings that system.server_settings lacks: the first version that has them, if any, and why.
UNLISTED = {
    "access_control_improvements": ("", "only the program clickhouse-server reads it"),
    "dictionaries_config": ("", "only the program clickhouse-server reads it"),
    "dictionaries_lazy_load": ("25.8", "24.8 reads it where it loads dictionaries"),
    "distributed_ddl": ("26.3", "earlier versions list no settings within a section"),
    "format_schema_path": ("26.3", "earlier versions do not list paths"),
    "logger": ("26.3", "earlier versions list no settings within a section"),
    "prometheus": ("", "only the program clickhouse-server reads it"),
    "timezone": ("", "only the program clickhouse-server reads it"),
    "tmp_path": ("26.3", "earlier versions do not list paths"),
    "user_files_path": ("26.3", "earlier versions do not list paths"),
    "zookeeper": ("", "the client of ZooKeeper reads it, and rejects keys that it does not know"),
}
# The library shows what it uses itself, and that another value is configured.
UNUSED = {
    "background_distributed_schedule_pool_size",
    "background_schedule_pool_size",
    "max_concurrent_insert_queries",
    "max_concurrent_queries",
    "max_concurrent_select_queries",
    "max_partition_size_to_drop",
    "max_table_size_to_drop",
}


def flat():
    """Value by the name that system.server_settings has for an element."""
    for variable, (section, table) in SECTIONS.items():
        for key, value in EVERYTHING[variable].items():
            path = table[key].path.replace("/", ".") or key
            yield f"{section}.{path}".lstrip("."), value


def test_everything_sets_every_named_setting():
    missing = {
        (variable, key)
        for variable, (_section, table) in SECTIONS.items()
        for key in table
        if key not in EVERYTHING[variable]
    }
    # 24.8 does not have two of them; the other engines do, as the tests of features show. The library does not read
    # where it is itself, so zones have a test of their own.
    assert missing == {
        ("clickhouse_paths", "data"),
        ("clickhouse_distributed_ddl", "replicas_path"),
        ("clickhouse_zookeeper_client", "num_connection_retries"),
        ("clickhouse_zookeeper_client", "prefer_local_availability_zone"),
        ("clickhouse_zookeeper_client", "availability_zones"),
        ("clickhouse_zookeeper_client", "path_acls"),
    }


@EVERY
def test_an_engine_has_every_setting(loaded, version):
    listed = by_name(loaded.rows("SELECT name, value, changed FROM system.server_settings"))
    hidden = missing(UNLISTED, version)
    expected = {name: text(value) for name, value in flat() if not {name, name.partition(".")[0]} & hidden}
    found = {name: listed[name]["value"] for name in expected if listed[name]["changed"]}
    assert found == {**expected, **{name: found[name] for name in UNUSED & set(found)}}


def text(value):
    return str(int(value)) if isinstance(value, bool) else str(value)


@EVERY
def test_the_client_of_zookeeper_knows_every_key(loaded):
    create = "CREATE TABLE replicated (n Int8) ENGINE = ReplicatedMergeTree('/t', 'r') ORDER BY n"
    with pytest.raises(ClickHouseError, match="All connection tries failed"):
        loaded.query(create)


@EVERY
def test_weights_of_shards_and_the_secret_of_the_cluster(loaded):
    """With a secret there is no user; the secret itself and the login for fetches are not shown."""
    query = "SELECT user, shard_weight FROM system.clusters WHERE cluster = 'main'"
    assert loaded.rows(query) == [{"user": "default", "shard_weight": EVERYTHING["clickhouse_shard_weights"]["01"]}]


@EVERY
def test_clusters_beside_the_one_of_the_inventory(loaded):
    """A name without an address harms no other cluster. Without a secret there is a user."""
    columns = "cluster, shard_num, shard_weight, internal_replication, host_name, port, user"
    order = "ORDER BY cluster, shard_num, replica_num"
    rows = loaded.rows(f"SELECT {columns} FROM system.clusters WHERE cluster != 'main' {order}")
    assert [tuple(row.values()) for row in rows] == [
        ("each", 1, 1, 1, "10.0.0.1", 9000, "peer"),
        ("everybody", 1, 1, 1, "10.0.0.1", 9000, "default"),
        ("mirror", 1, 5, 1, "10.9.0.1", 9000, "default"),
        ("mirror", 1, 5, 1, "2001:db8::9", 19000, "default"),
        ("mirror", 2, 1, 0, "10.9.0.2", 9440, "default"),
        ("mirror", 3, 1, 1, "10.0.0.1", 9000, "default"),
        ("named", 1, 1, 1, "m1.invalid", 9000, "reader"),
        ("named", 1, 1, 1, "m2.invalid", 9000, "writer"),
    ]


@EVERY
def test_the_health_check_finds_every_cluster(loaded, inventory, version):
    clusters = {
        **evaluate(inventory, version, "__clickhouse_remote_servers"),
        **evaluate(inventory, version, "__clickhouse_other_clusters.clusters"),
    }
    assert len(clusters) == 1 + len(EVERYTHING["clickhouse_extra_clusters"])
    server = EngineServer(loaded)
    assert check_loaded(server, "server", {}, clusters) == []
    changed = {**clusters, "everybody": [], "mirror": list(reversed(clusters["mirror"]))}
    found = [finding.found.split()[2] for finding in check_loaded(server, "server", {}, changed)]
    assert found == ["everybody", "mirror"]


@pytest.mark.parametrize("version", VERSIONS)
def test_logins_and_addresses_as_a_parser_reads_them(version):
    files = render(OTHERS["everything"], version)
    texts = {Path(path).stem: ET.fromstring(text) for path, text in files.items() if "/config.d/" in path}
    secrets = {name: texts["remote_servers"].findtext(f"remote_servers/{name}/secret") for name in CLUSTERS}
    own, foreign = EVERYTHING["clickhouse_cluster_secret"], CLUSTERS["mirror"]["secret"]
    assert secrets == {"everybody": own, "each": None, "mirror": foreign, "named": None}
    assert texts["remote_servers"].findtext("remote_servers/main/secret") == own
    replicas = [item for name in CLUSTERS for item in texts["remote_servers"].iter(name)]
    found = {
        (item.findtext("host"), item.findtext("secure"), item.findtext("user"), item.findtext("password"))
        for cluster in replicas
        for item in cluster.iter("replica")
    }
    assert found == {
        ("10.0.0.1", None, None, None),
        ("10.0.0.1", None, "peer", CLUSTERS["each"]["password"]),
        ("10.9.0.1", None, None, None),
        ("2001:db8::9", None, None, None),
        ("10.9.0.2", "1", None, None),
        ("m1.invalid", None, "reader", "p"),
        ("m2.invalid", None, "writer", ""),
    }
    credentials = texts["interserver_credentials"].find("interserver_http_credentials")
    assert [(item.tag, item.text) for item in credentials] == [
        ("user", "fetcher"),
        ("password", EVERYTHING["clickhouse_interserver_password"]),
    ]


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (["10.0.0.99", "127.0.0.1"], ["127.0.0.1", "10.0.0.1", "10.0.0.99"]),
        (["10.0.0.99", "0.0.0.0"], ["0.0.0.0"]),
        (["::", "0.0.0.0"], ["::"]),
    ],
)
def test_no_address_is_listened_on_twice(addresses, expected):
    inventory = replace(
        INVENTORIES["small"], common={**INVENTORIES["small"].common, "clickhouse_listen_hosts": addresses}
    )
    (text,) = [text for path, text in render(inventory, "25.8").items() if path.endswith("/listen.xml")]
    found = ET.fromstring(text).findall("listen_host")
    assert [item.text for item in found] == expected
    assert [item.get("replace") for item in found] == ["replace"] + [None] * (len(expected) - 1)


def test_differences_of_secrets_are_not_shown():
    patterns = resolve(OTHERS["everything"], "25.8", config_tree_arguments()["secret_paths"])
    secrets = ("<secret>", "<password>", "<secret_access_key>")
    rendered = render(OTHERS["everything"], "25.8").items()
    files = [path for path, content in rendered if any(secret in content for secret in secrets)]
    assert {Path(path).stem for path in files} == {
        "interserver_credentials",
        "named_collections",
        "remote_servers",
        "storage",
    }
    assert all(matches(path, patterns) for path in files)


@EVERY
def test_certificates_and_keys(loaded, version):
    """Only later versions show them, and the library opens no port."""
    rows = loaded.rows("SELECT name, value FROM system.server_settings WHERE name LIKE 'openSSL.%' AND changed")
    values = {f"openSSL.{side}.{key}": text(OPENSSL[side][key]) for side in OPENSSL for key in OPENSSL[side]}
    handler = values.pop("openSSL.client.invalidCertificateHandler")
    values["openSSL.client.invalidCertificateHandler.name"] = handler
    assert {row["name"]: row["value"] for row in rows} == (values if listed(version) else {})


def listed(version):
    return numbers(version) >= [26, 3]


@EVERY
@pytest.mark.parametrize("version", VERSIONS, indirect=True)
def test_ports_with_tls_as_a_parser_reads_them(inventory, version):
    (content,) = [text for path, text in render(inventory, version).items() if path.endswith("/listen.xml")]
    root = ET.fromstring(content)
    assert [root.findtext(name) for name in ("https_port", "tcp_port_secure")] == ["18443", "19440"]
    small = [text for path, text in render(INVENTORIES["small"], version).items() if path.endswith("/listen.xml")]
    assert not {"https_port", "tcp_port_secure"} & {element.tag for element in ET.fromstring(small[0])}


@EVERY
def test_disks_and_policies(loaded):
    disks = {row["name"]: row for row in loaded.rows("SELECT * FROM system.disks")}
    assert (disks["cold"]["path"], disks["cold"]["type"]) == ("/tmp/zoohouse-contract/cold/", "Local")
    assert str(disks["cold"]["keep_free_space"]) == "1024"
    assert disks["bucket"]["type"] == "ObjectStorage"
    query = "SELECT * FROM system.storage_policies WHERE policy_name = 'tiered' ORDER BY volume_priority"
    columns = ("volume_name", "disks", "max_data_part_size", "move_factor", "prefer_not_to_merge")
    found = [[str(row[column]) for column in columns] for row in loaded.rows(query)]
    assert found == [
        ["hot", "['default']", "1000000", "0.25", "0"],
        ["cold", "['cold', 'bucket']", "0", "0.25", "1"],
    ]


@EVERY
def test_settings_of_merge_tree(loaded):
    names = EVERYTHING["clickhouse_merge_tree"]
    rows = loaded.rows("SELECT name, value FROM system.merge_tree_settings WHERE changed")
    assert {row["name"]: row["value"] for row in rows} == {name: str(value) for name, value in names.items()}


@EVERY
@pytest.mark.parametrize("version", ["26.9"], indirect=True)
def test_system_logs(loaded):
    """Only the newest library keeps them."""
    loaded.query("SELECT 1")
    loaded.query("SYSTEM FLUSH LOGS")
    rows = loaded.rows("SELECT name, engine_full FROM system.tables WHERE database = 'system' AND name LIKE '%_log'")
    engines = {row["name"]: row["engine_full"] for row in rows}
    assert "PARTITION BY toMonday(event_date)" in engines["query_log"]
    assert "TTL event_date + toIntervalDay(30)" in engines["query_log"]
    assert "TTL event_date + toIntervalDay(7)" in engines["part_log"]
    assert "trace_log" not in engines


def test_an_engine_takes_over_what_the_table_says(plain, version):
    """Without a restart: settings that only may increase need one."""
    rows = plain.rows("SELECT name, toString(changeable_without_restart) AS changeable FROM system.server_settings")
    changeable = {row["name"]: row["changeable"] == "Yes" for row in rows}
    found = {key: changeable[key] for key in SERVER if key in changeable}
    feature_of = {key: FRAGMENTS[SERVER[key].fragment] for key in found}
    assert found == {key: feature is not None and has(version, feature) for key, feature in feature_of.items()}


def test_no_setting_of_an_engine_is_taken_for_a_mistake(plain, version):
    names = [row["name"] for row in plain.rows("SELECT name FROM system.server_settings")]
    assert len(names) > 50 and list(misspelt(version, dict.fromkeys(names))) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_role_finds_nothing_wrong_and_renders_every_fragment(version):
    inventory = OTHERS["everything"]
    assert evaluate(inventory, version, "__clickhouse_settings").get("errors") == []
    files = {Path(path).stem for path in render(inventory, version) if "/config.d/" in path}
    # They have inventories of their own.
    apart = {"compression", "zookeeper_metadata", "zz-extra", "zz-shared", "zz-shared-restart"}
    assert files >= set(FRAGMENTS) - apart


def test_the_role_validates_the_settings():
    wrong = {"clickhouse_server_settings": {"max_connection": 1}, "clickhouse_logger": {"count": 0}}
    inventory = replace(OTHERS["everything"], common={**OTHERS["everything"].common, **wrong})
    checks = [error["check"] for error in evaluate(inventory, "25.8", "__clickhouse_input_errors")]
    assert checks == ["clickhouse_server_settings", "clickhouse_logger"]


def test_the_extra_configuration_may_set_what_no_variable_sets():
    extra = {"clickhouse_extra_config": {"max_connections": 7, "timezone": "UTC"}}
    settings = {"clickhouse_server_settings": {"timezone": "Asia/Tokyo"}}
    for set_ in ({}, settings):
        inventory = replace(INVENTORIES["small"], common={**INVENTORIES["small"].common, **extra, **set_})
        found = [error["found"] for error in evaluate(inventory, "25.8", "__clickhouse_input_errors")]
        assert found == (["the role sets timezone; use the variable clickhouse_server_settings"] if set_ else [])


# Earlier libraries take it from an argument of the process.
@pytest.mark.parametrize("version", [version for version in VERSIONS if numbers(version) >= [26, 3]])
def test_the_data_directory(start, version, tmp_path):
    inventory = replace(
        INVENTORIES["small"], common={**INVENTORIES["small"].common, "clickhouse_paths": {"data": f"{tmp_path}/data/"}}
    )
    (text,) = [text for path, text in render(inventory, version).items() if path.endswith("/paths.xml")]
    (element,) = ET.fromstring(text)
    engine = start(version, {"config.d/paths.xml": f"<{element.tag}>{element.text}</{element.tag}>"})
    engine.query("CREATE TABLE t (n Int8) ENGINE = MergeTree ORDER BY n")
    engine.query("INSERT INTO t VALUES (1)")
    assert engine.rows("SELECT path FROM system.disks") == [{"path": f"{tmp_path}/data/"}]
    assert (tmp_path / "data" / "store").is_dir()


def test_the_role_validates_further_clusters():
    clusters = {
        "main": {"shards": "all-sharded"},
        "found": {"shards": "all-sharded"},
        "b": {"shards": [{"hosts": ["x"]}]},
    }
    common = {"clickhouse_extra_clusters": clusters, "clickhouse_metadata": {"discovery": {"cluster": "found"}}}
    inventory = replace(INVENTORIES["small"], common={**INVENTORIES["small"].common, **common})
    found = [error["found"] for error in evaluate(inventory, "25.8", "__clickhouse_input_errors")]
    assert found == [
        "main, which is the cluster of the inventory",
        "found, which is the cluster of clickhouse_metadata.discovery",
        "shard 1: the host x",
    ]
