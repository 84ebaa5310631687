# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the role zookeeper: bootstrap, heap and zoo.cfg."""

from __future__ import annotations

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.bootstrap import check_bootstrap
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.heap import heap_mb
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.zoo_cfg import validate_zoo_cfg, zoo_cfg_value


def zookeeper_bootstrap(members, hostvars, registered, force=False):
    disks = {member["host"]: hostvars[member["host"]].get(registered) for member in members}
    ids = {member["host"]: member["id"] for member in members}
    allowed, errors = check_bootstrap(disks, ids, boolean(force))
    return {"allowed": allowed, "validation_errors": [error.as_dict() for error in errors]}


def zookeeper_heap_mb(memory_mb, fraction, min_mb, max_mb):
    return heap_mb(int(memory_mb), float(fraction), int(min_mb), int(max_mb))


def zoo_cfg_validation_errors(settings, version, host, allow_unsafe=None):
    errors = validate_zoo_cfg(settings, str(version), str(host), list(allow_unsafe or []))
    return [error.as_dict() for error in errors]


class FilterModule:
    def filters(self):
        return {
            "zoo_cfg_validation_errors": zoo_cfg_validation_errors,
            "zoo_cfg_value": zoo_cfg_value,
            "zookeeper_bootstrap": zookeeper_bootstrap,
            "zookeeper_heap_mb": zookeeper_heap_mb,
        }
