# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the role discovery: its variables as the settings of the agent."""

from __future__ import annotations

from ansible_collections.zoohouse.cluster.plugins.module_utils.registry.variables import agent_settings


def discovery_settings(model, host, variables):
    settings, errors = agent_settings(model, host, variables)
    return {"settings": settings, "errors": [error.as_dict() for error in errors]}


class FilterModule:
    def filters(self):
        return {"discovery_settings": discovery_settings}
