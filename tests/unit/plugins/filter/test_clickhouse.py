# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the role clickhouse."""

import pytest
from ansible.errors import AnsibleFilterError
from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.filter.clickhouse import (
    clickhouse_access_errors,
    clickhouse_config_root,
    clickhouse_directories,
    clickhouse_extra_clusters,
    clickhouse_extra_clusters_errors,
    clickhouse_extra_errors,
    clickhouse_growth,
    clickhouse_layout_replicas,
    clickhouse_load_checks,
    clickhouse_local_directories,
    clickhouse_network,
    clickhouse_peers,
    clickhouse_reload_elements,
    clickhouse_remote_servers,
    clickhouse_restart_fragments,
    clickhouse_schema_options,
    clickhouse_server_settings,
    clickhouse_space_errors,
    clickhouse_validation_errors,
    clickhouse_xml,
    clickhouse_xml_elements,
)


def test_the_configuration_root_of_a_version():
    assert clickhouse_config_root("18.16.1") == "yandex"
    assert clickhouse_config_root("25.8.2.1") == "clickhouse"


def test_text_that_is_no_version_is_an_error_of_the_filter():
    with pytest.raises(AnsibleFilterError, match="is not a ClickHouse version"):
        clickhouse_config_root("head")


def test_a_network_gets_a_netmask():
    assert clickhouse_network("10.0.0.0/8") == "10.0.0.0/255.0.0.0"
    assert clickhouse_network(10) == ""


def test_settings_of_a_prefix_of_ones_own_are_no_errors():
    (users,) = clickhouse_load_checks({"custom_settings_prefixes": "app_"}, {})
    assert "(?:SQL_|app_)" in users["errors"]


def test_peers_are_the_other_replicas_of_the_shard():
    ports = {"ch2": {"clickhouse_http_port": 18123, "clickhouse_address": "10.9.0.2"}}
    replicas = model_of(inventory(ports))["cluster"]["replicas"]
    assert clickhouse_peers(replicas, "ch1") == [{"host": "ch2", "port": 18123, "name": "ch2"}]
    assert clickhouse_peers(replicas, "ch4") == [{"host": "ch3", "port": 8123, "name": "ch3"}]


def test_without_a_host_they_are_all_replicas():
    replicas = model_of(inventory())["cluster"]["replicas"]
    assert [item["name"] for item in clickhouse_peers(replicas)] == ["ch1", "ch2", "ch3", "ch4"]


def test_a_host_that_is_no_replica_has_no_peers():
    assert clickhouse_peers(model_of(inventory())["cluster"]["replicas"], "zk1") == []


def test_the_deployed_cluster_is_validated_on_the_hosts_of_the_run():
    cluster = model_of(inventory(), shards=["02", "01"])["cluster"]
    server = {
        "own": True,
        "running": False,
        "data_path": "/var/lib/clickhouse/",
        "role_data_path": "",
        "macros": {},
        "used_macros": [],
        "shards": [{"name": "01", "endpoints": []}, {"name": "02", "endpoints": []}],
        "replicated_tables": [],
        "distributed_tables": ["demo.all"],
        "other_tables": [],
        "zookeeper_root": "",
        "clusters": {},
        "queues": [],
    }
    hostvars = {"ch1": {"__server": {"deployed": server}}}
    (error,) = clickhouse_validation_errors(cluster, hostvars, "__server", "/clickhouse/main", "/ddl")
    assert error["check"] == "topology_shards"
    assert clickhouse_validation_errors(cluster, hostvars, "__server", "/x", "/ddl", allow_shard_changes="yes") == []
    hostvars["ch1"]["clickhouse_paths"] = '{"data": "/data/"}'
    (error,) = clickhouse_validation_errors(cluster, hostvars, "__server", "/x", "/ddl", allow_shard_changes="yes")
    assert error["check"] == "clickhouse_paths"


def test_the_directories_of_the_paths():
    (directory,) = clickhouse_directories({"data": "/data/", "tmp": None})
    assert (directory["path"], directory["owner"], directory["parents"]) == ("/data/", "clickhouse", False)


def test_a_new_replica_is_known_to_the_others_after_it_has_joined():
    cluster = model_of(inventory())["cluster"]
    old = [{"name": "01", "endpoints": ["ch1:9000", "ch2:9000"]}, {"name": "02", "endpoints": ["ch3:9000"]}]
    servers = {host: {"deployed": {"own": True, "shards": old}} for host in ("ch1", "ch2", "ch3")}
    hostvars = {host: {"__server": server} for host, server in {**servers, "ch4": {"deployed": None}}.items()}
    growth = clickhouse_growth(cluster, hostvars, "__server")
    assert growth["joining"] == ["ch4"] and [item["host"] for item in growth["sources"]] == ["ch1", "ch2", "ch3"]
    (known,) = clickhouse_remote_servers(cluster, growth, "ch1").values()
    assert [replica["host"] for replica in known[1]["replicas"]] == ["ch3"]
    later = clickhouse_growth(cluster, hostvars, "__server", has_joined="yes")
    assert clickhouse_remote_servers(cluster, later, "ch1") == cluster["remote_servers"]
    # Who has the tables is still who had them before.
    assert later["sources"] == growth["sources"]


def test_the_options_of_a_schema():
    schema = [{"name": "a", "statements": "DROP TABLE t ON CLUSTER main; INSERT INTO u SELECT 1"}]
    assert clickhouse_schema_options(schema, ["demo"], "ch1", "main", "/") == {
        "databases": [{"name": "demo"}],
        "entries": [{"name": "a", "statements": ["DROP TABLE t ON CLUSTER main", "INSERT INTO u SELECT 1"]}],
        "errors": [],
    }
    (error,) = clickhouse_schema_options(schema, ["demo"], "ch1", "other", "/")["errors"]
    assert error["check"] == "clickhouse_schema"


def test_access_errors_do_not_contain_passwords():
    errors = clickhouse_access_errors(
        {"clickhouse_admin_user": "a.b"}, "ch1", {"clickhouse_admin_password": "sesame"}, []
    )
    assert [error["check"] for error in errors] == ["clickhouse_admin_user"] and "sesame" not in str(errors)


def test_the_replicas_of_the_model_as_the_module_clickhouse_layout_takes_them():
    replicas = model_of(inventory({"ch2": {"ansible_host": "ch2.example.com"}}))["cluster"]["replicas"]
    first, second = clickhouse_layout_replicas(replicas)[:2]
    assert first == {
        "name": "ch1", "host": "ch1", "port": 8123, "shard": "01", "replica": "ch1", "aliases": ["10.0.0.21"],
        "down": False,
    }  # fmt: skip
    assert (second["name"], second["host"], second["aliases"]) == ("ch2", "ch2.example.com", [])


def test_a_replica_that_did_not_answer_is_not_asked_again():
    replicas = model_of(inventory())["cluster"]["replicas"]
    hostvars = {
        "ch1": {"__clickhouse_health": {"replicas": [{"error": None}]}},
        "ch2": {"__clickhouse_health": {"replicas": [{"error": "timed out"}]}},
        "ch3": {"__clickhouse_health": {"unreachable": True}},
        "ch4": {},
    }
    down = {item["name"]: item["down"] for item in clickhouse_layout_replicas(replicas, hostvars)}
    assert down == {"ch1": False, "ch2": True, "ch3": True, "ch4": True}


def test_the_extra_configuration_is_validated():
    assert len(clickhouse_extra_errors({"loger": {}}, {}, "ch1", {}, "main", version="25.8")) == 1
    (error,) = clickhouse_extra_errors({"http_port": 80}, {}, "ch1", {}, "main")
    assert (error["check"], error["subject"]) == ("clickhouse_extra_config", "ch1")
    assert error["found"] == "the role sets http_port; use the variable clickhouse_http_port"


def test_named_settings_as_tasks_and_templates_need_them():
    variables = {"clickhouse_server_settings": {"max_connections": 7}, "clickhouse_ddl_path": "/q/ddl"}
    settings = clickhouse_server_settings(variables, "ch1", "18.16.1")
    assert settings["errors"] == []
    assert settings["elements"] == {"max_connections": "clickhouse_server_settings"}
    assert settings["fragments"]["connections"] == {"max_connections": 7}


def test_fragments_that_a_version_reads_only_when_it_starts():
    assert "connections" in clickhouse_restart_fragments("18.16.1")
    assert "macros" not in clickhouse_restart_fragments("18.16.1")
    assert clickhouse_restart_fragments("newest") == []


def test_elements_that_need_no_restart():
    assert "macros/*" in clickhouse_reload_elements("18.16.1")
    assert clickhouse_reload_elements("newest") == []


def test_settings_for_a_version_that_is_none():
    settings = clickhouse_server_settings({"clickhouse_logger": {"x": 1}}, "ch1", "newest")
    assert [error["found"] for error in settings["errors"]] == ["unknown key x"]
    assert settings["fragments"] == {}


def test_settings_that_are_not_valid_have_no_fragments():
    settings = clickhouse_server_settings({"clickhouse_system_logs": {"query_log": 30}}, "ch1", "18.16.1")
    assert [error["check"] for error in settings["errors"]] == ["clickhouse_system_logs"]
    assert settings["fragments"] == {}


def test_elements_within_a_file():
    assert clickhouse_xml_elements({"a": {"b": 1}, "c": [2, 3]}, 1) == (
        "    <a>\n        <b>1</b>\n    </a>\n    <c>2</c>\n    <c>3</c>\n"
    )
    assert clickhouse_xml_elements({}, 2) == ""
    with pytest.raises(AnsibleFilterError, match=r"^a/b: "):
        clickhouse_xml_elements({"a": {"b": "\x01"}}, 0)


def test_a_dict_as_a_file():
    assert clickhouse_xml({"a": 1}, "yandex") == "<yandex>\n    <a>1</a>\n</yandex>\n"
    with pytest.raises(AnsibleFilterError, match="a: the character U\\+0000"):
        clickhouse_xml({"a": "\0"}, "yandex")


def test_directories_and_their_free_space():
    assert clickhouse_local_directories({"tmp": "/t/"}, {}, {}) == {
        "clickhouse_paths/data": "",
        "clickhouse_paths/tmp": "/t/",
    }
    row = {"name": "clickhouse_paths/tmp", "path": "/t/", "mount": "/t", "free_bytes": 0, "free_inodes": None}
    (error,) = clickhouse_space_errors([row], "ch1", "1")
    assert (error["check"], error["subject"], error["severity"]) == ("clickhouse_paths", "ch1", "critical")
    assert clickhouse_space_errors([row], "ch1", 0) == []


@pytest.mark.parametrize(
    ("macros", "found"),
    [({"layer": "a"}, []), ({"layer": "b"}, ["clickhouse_macros.layer"]), ({"rack": "b"}, []), ({}, [])],
)
def test_a_macro_of_a_path_keeps_its_value(macros, found):
    """One that no table uses, or that another variable may set, is not compared."""
    cluster = model_of(inventory())["cluster"]
    identity = {"cluster": "main", "shard": "01", "replica": "ch1", "layer": "a", "rack": "a"}
    server = {key: [] for key in ("zookeeper_endpoints", "distributed_tables", "other_tables", "queues", "shards")}
    server |= {"own": True, "running": False, "macros": identity, "used_macros": ["layer", "shard"], "clusters": {}}
    server |= {"replicated_tables": ["a.b"], "zookeeper_root": "/r", "data_path": "/d/", "role_data_path": ""}
    hostvars = {"ch1": {"read": {"deployed": server}, "clickhouse_macros": macros, "clickhouse_paths": {}}}
    hostvars |= {host: {"clickhouse_macros": {}, "clickhouse_paths": {}} for host in ("ch2", "ch3", "ch4")}
    assert [error["check"] for error in clickhouse_validation_errors(cluster, hostvars, "read", "/r", "/q")] == found


def test_clusters_beside_the_one_of_the_inventory():
    cluster = model_of(inventory())["cluster"]
    growth = {"new": ["ch4"], "joining": ["ch4"], "absent": [], "members": ["ch1", "ch2", "ch3"]}
    login = {"user": "cluster", "password": "known here", "secret": ""}
    clusters = {"each": {"shards": "all-sharded"}}

    def known_by(host):
        found = clickhouse_extra_clusters(clusters, cluster, growth, host, login)
        assert len(found["elements"]["each"]["shard"]) == len(found["clusters"]["each"])
        return [shard["replicas"][0]["host"] for shard in found["clusters"]["each"]]

    assert known_by("ch1") == ["ch1", "ch2", "ch3"]
    # A new replica knows the others and itself.
    assert known_by("ch4") == ["ch1", "ch2", "ch3", "ch4"]


def test_errors_of_clusters_beside_the_one_of_the_inventory():
    cluster = model_of(inventory())["cluster"]
    wrong = {"main": {"shards": "all-sharded"}, "b": {"shards": [{"hosts": ["ch9"]}]}}
    checks = [error["check"] for error in clickhouse_extra_clusters_errors(wrong, "ch1", "25.8", cluster)]
    assert checks == ["clickhouse_extra_clusters", "clickhouse_extra_clusters.b"]
