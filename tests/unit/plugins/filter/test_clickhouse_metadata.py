# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for cluster metadata in ZooKeeper."""

from ansible_collections.zoohouse.cluster.plugins.filter.clickhouse_metadata import (
    clickhouse_metadata_config,
    clickhouse_metadata_errors,
    clickhouse_metadata_paths,
)

WANTED = {"version": "18.16.1", "cluster": "main", "root": "/x", "ddl_path": "/ddl", "stores": {"functions": {}}}


def test_the_configuration_for_the_filter_clickhouse_xml():
    assert clickhouse_metadata_config(WANTED) == {"user_defined_zookeeper_path": "/functions"}


def test_errors_are_findings_of_the_host():
    (error,) = clickhouse_metadata_errors(WANTED, "ch1", {}, {}, {})
    assert (error["check"], error["subject"]) == ("clickhouse_metadata.functions", "ch1")


def test_paths_for_the_layout_check():
    assert clickhouse_metadata_paths({"functions": {}})["functions_path"] == "/functions"
