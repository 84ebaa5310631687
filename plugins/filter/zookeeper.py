# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters: may this ensemble start empty; are these settings known and safe."""

from __future__ import annotations

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.bootstrap import judge_bootstrap
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.settings import judge_settings, zoo_cfg_value


def zookeeper_bootstrap(members, hostvars, reading, confirmed_empty=False):
    disks = {member["host"]: hostvars[member["host"]].get(reading) for member in members}
    permitted, refusals = judge_bootstrap(disks, {one["host"]: one["id"] for one in members}, boolean(confirmed_empty))
    return {"permitted": permitted, "refusals": [finding.as_dict() for finding in refusals]}


def zookeeper_settings_refusals(settings, version, acknowledged=None):
    return [finding.as_dict() for finding in judge_settings(settings, str(version), list(acknowledged or []))]


class FilterModule:
    def filters(self):
        return {
            "zoo_cfg_value": zoo_cfg_value,
            "zookeeper_bootstrap": zookeeper_bootstrap,
            "zookeeper_settings_refusals": zookeeper_settings_refusals,
        }
