# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0

from haproxy_answers import STATE
from helpers import inventory, model_of
from installed_balancer import AGENTS, VARIABLES

from ansible_collections.zoohouse.cluster.plugins.module_utils.balancer.kept import (
    configured_ports,
    contradicts,
    kept_states,
)
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.balancer.haproxy_cfg import haproxy_cfg
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.balancer.plan import plan_of

KEY = ("any_http", "ch1")


def test_the_ports_of_all_servers_of_the_configuration():
    plan = plan_of(
        model_of(inventory({"ch2": {"ansible_host": "fd00::2", "clickhouse_tcp_port": 9999}})), VARIABLES, AGENTS
    )
    ports = configured_ports(haproxy_cfg(plan, "lb1", VARIABLES, {"lb1": "10.0.0.1", "lb2": "10.0.0.2"}))
    assert set(ports) == {(backend.name, server.name) for backend in plan.backends for server in backend.servers}
    assert (ports[KEY], ports[("shard_01_native", "ch2")]) == ("8123", "9999")


def test_only_servers_of_the_configuration_are_kept_with_its_ports():
    kept = kept_states(STATE, {KEY: "8123", ("any_http", "gone"): "1"})
    head, columns, row = kept.splitlines()
    assert (head, columns) == tuple(STATE.splitlines()[:2])
    found = dict(zip(columns.split()[1:], row.split()))
    assert (found["srv_name"], found["srv_port"], found["srv_time_since_last_change"]) == ("ch1", "8123", "0")


def test_states_with_another_port():
    assert contradicts(STATE, {KEY: "8123"})
    assert not contradicts(STATE, {KEY: "18123"}) and not contradicts("", {KEY: "1"}) and not contradicts(STATE, {})
