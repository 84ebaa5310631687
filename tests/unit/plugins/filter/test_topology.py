# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters over the topology model."""

from ansible_collections.zoohouse.cluster.plugins.filter.topology import host_validation_errors
from ansible_collections.zoohouse.cluster.plugins.module_utils.topology import build_topology

HOSTVARS = {"zk1": {"ansible_host": "10.0.0.11", "zookeeper_id": 1}, "ch1": {"clickhouse_shard": "01"}}


def model():
    return build_topology(HOSTVARS, ["zk1"], ["ch1"], allow_unsafe_size=True)


def test_hosts_are_validated_by_what_was_registered_on_them():
    result = {"own_addresses": [], "resolved": {"ch1": ["10.0.0.21"]}, "hosts_file": {}}
    errors = host_validation_errors(model(), {"zk1": {"__host": result}, "ch1": {}}, "__host")
    assert [(error["check"], error["subject"]) for error in errors] == [("zookeeper_address", "zk1")]


def test_hosts_that_are_not_in_the_run_are_not_validated():
    assert host_validation_errors(model(), {}, "__host") == []
