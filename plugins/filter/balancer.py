# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the role balancer: its variables as the configuration of HAProxy and the settings of the updater."""

from __future__ import annotations

from ansible_collections.zoohouse.cluster.plugins.plugin_utils.balancer.haproxy_cfg import haproxy_cfg
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.balancer.plan import plan_of, validation_errors
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.balancer.updater import updater_settings


def balancer_config(model, host, variables, balancers, hostvars):
    agents = {
        replica["host"]: {
            name: hostvars[replica["host"]][name]
            for name in ("discovery_enabled", "discovery_check_port")
            if name in hostvars[replica["host"]]
        }
        for replica in model["cluster"]["replicas"]
    }
    plan = plan_of(model, variables, agents)
    addresses = {name: str(hostvars[name].get("ansible_host") or name) for name in balancers}
    return {
        "config": haproxy_cfg(plan, host, variables, addresses),
        "settings": updater_settings(plan, model, variables),
        "errors": [error.as_dict() for error in validation_errors(model, host, variables, agents, plan)],
    }


class FilterModule:
    def filters(self):
        return {"balancer_config": balancer_config}
