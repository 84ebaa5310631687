# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the templates of the role clickhouse."""

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


class FilterModule:
    def filters(self):
        return {"clickhouse_config_root": clickhouse_config_root, "clickhouse_network": clickhouse_network}
