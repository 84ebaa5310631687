# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters that let templates ask the feature table."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import config_root


def clickhouse_config_root(version):
    try:
        return config_root(version)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self):
        return {"clickhouse_config_root": clickhouse_config_root}
