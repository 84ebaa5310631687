# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for cluster metadata in ZooKeeper."""

from __future__ import annotations

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.stores import layout_paths
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.validate import validate_metadata
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.wanted import Wanted, config


def clickhouse_metadata_config(wanted):
    return config(Wanted(**wanted))


def clickhouse_metadata_errors(wanted, host, config, users, profiles):
    return [error.as_dict() for error in validate_metadata(str(host), Wanted(**wanted), config, users, profiles)]


def clickhouse_metadata_paths(stores):
    return layout_paths(stores)


class FilterModule:
    def filters(self):
        return {
            "clickhouse_metadata_config": clickhouse_metadata_config,
            "clickhouse_metadata_errors": clickhouse_metadata_errors,
            "clickhouse_metadata_paths": clickhouse_metadata_paths,
        }
