# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0

from helpers import inventory, model_of
from installed_balancer import AGENTS, VARIABLES

from ansible_collections.zoohouse.cluster.plugins.filter.balancer import balancer_config

HOSTVARS = {**AGENTS, "ch2": {"discovery_enabled": True, "discovery_check_port": 9999}, "lb1": {"ansible_host": "::1"}}


def test_the_variables_of_the_agents_and_the_addresses_of_the_balancers_are_those_of_their_hosts():
    result = balancer_config(model_of(inventory()), "lb2", VARIABLES, ["lb1", "lb2"], {**HOSTVARS, "lb2": {}})
    assert result["errors"] == []
    assert "server ch2 10.0.0.22:8123 port 8123 agent-port 9999" in result["config"]
    assert "server lb1 [::1]:8406" in result["config"]
    assert result["settings"]["cluster"] == "main"


def test_one_balancer_has_no_peers():
    assert "peers" not in balancer_config(model_of(inventory()), "lb1", VARIABLES, ["lb1"], HOSTVARS)["config"]


def test_replicas_without_agents_are_validation_errors():
    errors = balancer_config(model_of(inventory()), "lb1", VARIABLES, ["lb1"], {**HOSTVARS, "ch3": {}})["errors"]
    assert [(error["check"], error["subject"]) for error in errors] == [("discovery_enabled", "ch3")]
