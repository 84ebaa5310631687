# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the configuration that servers include from ZooKeeper."""

from __future__ import annotations

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import is_version
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.validate import elements_of
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.wanted import Wanted
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared import elements as shared
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.validate import validate_shared


def clickhouse_shared_config(config, host, version, cluster, history, elements, metadata, extra):
    """Everything about the shared configuration that tasks and templates need."""
    taken = {**elements, **elements_of(Wanted(**metadata))}
    errors = list(validate_shared(str(host), version, config, history, str(cluster), taken, extra))
    valid = config if not errors and is_version(version) else {}
    contents = shared.elements(valid)
    return {
        "errors": [error.as_dict() for error in errors],
        "elements": contents,
        "fragments": shared.fragments(contents, version),
        "macros": dict(valid.get("macros") or {}),
    }


class FilterModule:
    def filters(self):
        return {"clickhouse_shared_config": clickhouse_shared_config}
