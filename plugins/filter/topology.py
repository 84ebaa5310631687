# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters over the topology model; the functions behind them are in module_utils/topology."""

from __future__ import annotations

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.hosts import check_hosts
from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.play import validate_become


def host_validation_errors(model, hostvars, registered, manage_names=True, max_clock_skew=0.5):
    hosts = [endpoint["host"] for endpoint in [*model["ensemble"]["members"], *model["cluster"]["replicas"]]]
    results = {host: hostvars[host].get(registered) if host in hostvars else None for host in hosts}
    # Without the rights of root, the rest may look wrong only because it cannot be read.
    errors = validate_become(results) or check_hosts(model, results, boolean(manage_names), float(max_clock_skew))
    return [error.as_dict() for error in errors]


class FilterModule:
    def filters(self):
        return {"host_validation_errors": host_validation_errors}
