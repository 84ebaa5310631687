# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters over the inventory; the pure functions behind them are in module_utils/topology.py."""

from __future__ import annotations

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology import build, judge_hosts


def topology(hostvars, zookeeper, clickhouse, cluster="main", shards=None, allow_unsafe_size=False):
    return build(hostvars, list(zookeeper), list(clickhouse), str(cluster), shards, boolean(allow_unsafe_size))


def host_refusals(built, hostvars, reading, manage_names=True, max_clock_skew=0.5):
    """reading: name of the registered result of host_info in hostvars."""
    hosts = [one["host"] for one in [*built["ensemble"]["members"], *built["cluster"]["replicas"]]]
    readings = {host: hostvars[host].get(reading) if host in hostvars else None for host in hosts}
    return [finding.as_dict() for finding in judge_hosts(built, readings, boolean(manage_names), float(max_clock_skew))]


class FilterModule:
    def filters(self):
        return {"topology": topology, "host_refusals": host_refusals}
