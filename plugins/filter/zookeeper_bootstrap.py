# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filter: may this ensemble start empty."""

from __future__ import annotations

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.bootstrap import judge_bootstrap


def zookeeper_bootstrap(members, hostvars, reading, confirmed_empty=False):
    disks = {member["host"]: hostvars[member["host"]].get(reading) for member in members}
    permitted, refusals = judge_bootstrap(disks, {one["host"]: one["id"] for one in members}, boolean(confirmed_empty))
    return {"permitted": permitted, "refusals": [finding.as_dict() for finding in refusals]}


class FilterModule:
    def filters(self):
        return {"zookeeper_bootstrap": zookeeper_bootstrap}
