# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the configuration that servers include from ZooKeeper."""

from ansible_collections.zoohouse.cluster.plugins.filter.clickhouse_shared import clickhouse_shared_config

METADATA = {"version": "25.8", "cluster": "main", "root": "/clickhouse/main", "ddl_path": "/ddl", "stores": {}}


def shared(config, version="25.8", metadata=None, elements=None):
    metadata = {**METADATA, "stores": metadata or {}}
    return clickhouse_shared_config(config, "ch1", version, "main", 10, elements or {}, metadata, {})


def test_a_valid_configuration():
    found = shared({"macros": {"colour": "red"}, "merge_tree": {"a": 1}})
    assert found["errors"] == []
    assert found["elements"] == {"macros/colour": "red", "merge_tree/a": "1"}
    assert set(found["fragments"]) == {"zz-shared", "zz-shared-restart"}
    assert found["macros"] == {"colour": "red"}


def test_nothing_is_shared_if_anything_is_wrong():
    found = shared({"macros": {"colour": "red"}, "merge_trees": {"a": 1}})
    assert [(error["check"], error["subject"]) for error in found["errors"]] == [("clickhouse_shared_config", "ch1")]
    assert (found["elements"], found["fragments"], found["macros"]) == ({}, {}, {})
    # The installation has a validation error of its own.
    assert shared({"macros": {"colour": "red"}}, "newest")["elements"] == {}


def test_what_other_variables_set():
    (error,) = shared({"macros": {"databases": "/x"}}, metadata={"databases": {}})["errors"]
    assert "clickhouse_metadata.databases" in error["found"]
    (error,) = shared({"max_connections": 5}, elements={"max_connections": "clickhouse_server_settings"})["errors"]
    assert "clickhouse_server_settings" in error["found"]
