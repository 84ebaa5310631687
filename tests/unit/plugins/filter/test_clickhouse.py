# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the role clickhouse."""

import pytest
from ansible.errors import AnsibleFilterError
from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.filter.clickhouse import (
    clickhouse_access_errors,
    clickhouse_config_root,
    clickhouse_extra_errors,
    clickhouse_layout_replicas,
    clickhouse_network,
    clickhouse_peers,
    clickhouse_validation_errors,
    clickhouse_xml,
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


def test_peers_are_the_other_replicas_of_the_shard():
    ports = {"ch2": {"clickhouse_http_port": 18123, "clickhouse_address": "10.9.0.2"}}
    replicas = model_of(inventory(ports))["cluster"]["replicas"]
    assert clickhouse_peers(replicas, "ch1") == [{"host": "ch2", "port": 18123, "name": "ch2"}]
    assert clickhouse_peers(replicas, "ch4") == [{"host": "ch3", "port": 8123, "name": "ch3"}]


def test_a_host_that_is_no_replica_has_no_peers():
    assert clickhouse_peers(model_of(inventory())["cluster"]["replicas"], "zk1") == []


def test_the_deployed_cluster_is_validated_on_the_hosts_of_the_run():
    cluster = model_of(inventory(), shards=["02", "01"])["cluster"]
    server = {
        "own": True,
        "running": False,
        "macros": {},
        "shards": [{"name": "01", "endpoints": []}, {"name": "02", "endpoints": []}],
        "replicated_tables": [],
        "distributed_tables": ["demo.all"],
        "queues": [],
    }
    hostvars = {"ch1": {"__server": {"deployed": server}}}
    (error,) = clickhouse_validation_errors(cluster, hostvars, "__server", "/clickhouse/main", "/ddl")
    assert error["check"] == "topology_shards"
    assert clickhouse_validation_errors(cluster, hostvars, "__server", "/x", "/ddl", allow_shard_changes="yes") == []


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
    (error,) = clickhouse_extra_errors({"http_port": 80}, {}, "ch1", {}, "main")
    assert (error["check"], error["subject"]) == ("clickhouse_extra_config", "ch1")
    assert error["found"] == "the role sets http_port; use the variable clickhouse_http_port"


def test_a_dict_as_a_file():
    assert clickhouse_xml({"a": 1}, "yandex") == "<yandex>\n    <a>1</a>\n</yandex>\n"
    with pytest.raises(AnsibleFilterError, match="a: the character U\\+0000"):
        clickhouse_xml({"a": "\0"}, "yandex")
