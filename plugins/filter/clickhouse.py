# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the role clickhouse."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import config_root
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.networks import network_pattern


def clickhouse_config_root(version):
    try:
        return config_root(version)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


def clickhouse_network(text):
    return network_pattern(str(text))


def clickhouse_peers(replicas, host):
    shards = {replica["shard"] for replica in replicas if replica["host"] == host}
    return [
        {"host": replica["name"], "port": replica["http_port"], "name": replica["host"]}
        for replica in replicas
        if replica["shard"] in shards and replica["host"] != host
    ]


class FilterModule:
    def filters(self):
        return {
            "clickhouse_config_root": clickhouse_config_root,
            "clickhouse_network": clickhouse_network,
            "clickhouse_peers": clickhouse_peers,
        }
