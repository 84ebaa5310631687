# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Validates the groups of the inventory, on the control node only."""

from __future__ import annotations

import re

from ansible.plugins.action import ActionBase

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import message
from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.external import NODES
from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.groups import Run, Service, validate_groups
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.loaded_filters import FILTERS

# A group as the playbook writes it: its pattern matches all too, so that Ansible does not warn of one that is absent.
PATTERN = re.compile(r"~(.*)\$\|all\$")
LEAD = "The inventory does not fit the playbook; no host was changed."


class ActionModule(ActionBase):
    _requires_connection = False
    # Loaded with this plugin, before Ansible forks.
    _filters = FILTERS

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        names = {"type": "list", "elements": "str", "required": True}
        _result, arguments = self.validate_argument_spec({"services": names})
        task_vars = task_vars or {}
        groups = {name: [str(host) for host in hosts] for name, hosts in task_vars["groups"].items()}
        run = Run(
            hosts=task_vars["ansible_play_hosts_all"],
            groups=groups,
            sources=task_vars.get("ansible_inventory_sources") or [],
            limit=task_vars.get("ansible_limit") or "",
            tags=task_vars.get("ansible_run_tags") or [],
            skip_tags=task_vars.get("ansible_skip_tags") or [],
            external=[host for host in groups.get("all", []) if task_vars["hostvars"][host].get(NODES)],
        )
        # The pattern of the play knows -e, but no variable of the inventory; so do those of the plays that follow.
        patterns = [PATTERN.fullmatch(str(pattern)) for pattern in self._task.get_play().hosts]
        services = [
            self._service(name, pattern[1], groups, task_vars["hostvars"])
            for name, pattern in zip(arguments["services"], filter(None, patterns))
        ]
        errors = validate_groups(services, run)
        return {"changed": False, "failed": bool(errors), "msg": message(errors, LEAD) if errors else "Valid."}

    @staticmethod
    def _service(name, group, groups, hostvars):
        service = Service(name, group)
        for host in groups.get(group) or groups.get("all", []):
            value = hostvars[host].get(service.variable)
            if value is not None:
                service.inventory_groups.setdefault(str(value), []).append(host)
        return service
