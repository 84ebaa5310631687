# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0

import pytest
import yaml
from helpers import CHECKOUT, inventory, model_of
from installed_balancer import AGENTS, VARIABLES

from ansible_collections.zoohouse.cluster.plugins.plugin_utils.balancer.plan import (
    CHECK_PORT,
    plan_of,
    validation_errors,
)


def plan(**changes):
    return plan_of(model_of(inventory()), {**VARIABLES, **changes}, AGENTS)


def errors(host="lb1", agents=AGENTS, model=None, **changes):
    model, variables = model or model_of(inventory()), {**VARIABLES, **changes}
    found = validation_errors(model, host, variables, agents, plan_of(model, variables, agents))
    return [(error.check, error.subject, error.found) for error in found]


def ports(planned):
    return {front.name: (front.port, front.backend) for front in planned.frontends}


def test_one_port_for_any_replica_one_for_each_shard_and_one_for_writes():
    found = ports(plan(native_port=0, native_shard_port=0, native_write_port=0))
    assert found == {
        "to_any_http": (8123, "any_http"),
        "to_shard_01_http": (8201, "shard_01_http"),
        "to_shard_02_http": (8202, "shard_02_http"),
        "to_write_http": (8300, "any_http"),
    }


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("first", {"to_write_http": (8300, "write_http")}),
        ("per_shard", {"to_write_01_http": (8301, "write_01_http"), "to_write_02_http": (8302, "write_02_http")}),
    ],
)
def test_writes_by_policy(policy, expected):
    found = ports(plan(write_policy=policy))
    assert {name: port for name, port in found.items() if "write" in name and "http" in name} == expected


def test_replicas_of_a_backend():
    servers = {backend.name: [server.name for server in backend.servers] for backend in plan().backends}
    assert servers["any_http"] == ["ch1", "ch2", "ch3", "ch4"]
    assert servers["shard_02_native"] == ["ch3", "ch4"]


def test_the_defaults_are_valid():
    assert errors() == []


def test_ports_that_something_else_on_the_host_has():
    assert ("balancer_http_port", "ch1", "8123, which is a port of ClickHouse") in errors("ch1")
    assert ("balancer_stats_port", "ch1", "9180, which is a port of the agent") in errors("ch1", stats_port=9180)
    assert errors("zk1", metrics_port=2181) == [("balancer_metrics_port", "zk1", "2181, which is a port of ZooKeeper")]


def test_the_ports_of_shards_are_validated():
    assert ("balancer_http_shard_port", "lb1", "65536") in errors(http_shard_port=65535)
    assert errors(http_shard_port=8299) == [
        ("balancer_http_write_port", "lb1", "8300, which is a port of balancer_http_shard_port")
    ]


def test_replicas_without_an_agent():
    agents = {**AGENTS, "ch2": {}, "ch3": {"discovery_enabled": "no"}}
    assert [error[1] for error in errors(agents=agents)] == ["ch2", "ch3"]


def test_other_wrong_variables():
    assert ("balancer_maxconn", "lb1", "0") in errors(maxconn=0)
    assert ("balancer_write_policy", "lb1", "any") in errors(http_port=0)
    none = {name: 0 for name in VARIABLES if name.startswith(("http_", "native_"))}
    assert ("balancer_http_port", "lb1", "no port for clients") in errors(**none)


def test_the_port_of_the_agents_is_that_of_the_role():
    defaults = yaml.safe_load((CHECKOUT / "roles" / "discovery" / "defaults" / "main.yml").read_text())
    assert defaults["discovery_check_port"] == CHECK_PORT
