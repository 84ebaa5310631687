# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Variables of the role discovery as settings of the agent."""

import json

import pytest
from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.settings import parse_settings
from ansible_collections.zoohouse.cluster.plugins.module_utils.registry.variables import TUNED, agent_settings

VARIABLES = {
    "login_user": "cluster",
    "login_password": "secret",
    "weight": 100,
    "check_address": "0.0.0.0",
    "check_port": 9180,
    "agent": {},
}


def settings_of(changes=None, host="ch1", **variables):
    return agent_settings(model_of(inventory(changes)), host, {**VARIABLES, **variables})


def test_the_agent_accepts_the_settings_of_the_topology():
    settings, errors = settings_of()
    assert errors == []
    parsed = parse_settings(json.dumps(settings))
    assert parsed.path == "/zoohouse/main/01/ch1"
    assert parsed.zookeeper == ["zk1:2181", "zk2:2181", "zk3:2181"]
    assert parsed.addresses == ["ch1", "10.0.0.21"]
    assert parsed.ports == {"http": 8123, "tcp": 9000, "interserver": 9009, "check": 9180}


def test_members_that_move_to_another_port_are_found_on_both():
    changes = {f"zk{n}": {"zookeeper_client_port": 2182, "zookeeper_previous_client_port": 2181} for n in (1, 2, 3)}
    settings, _errors = settings_of(changes)
    assert settings["zookeeper"][:2] == ["zk1:2182", "zk1:2181"]


def test_a_replica_without_an_address_has_one_name():
    settings, _errors = settings_of({"ch1": {"ansible_host": "ch1.example.com"}})
    assert settings["addresses"] == ["ch1.example.com"]


def test_values_of_other_types_are_converted():
    settings, errors = settings_of(agent={"interval": "0.5", "rise": "2", "ignored_tables": "a.*,b.*"})
    assert errors == []
    assert (settings["interval"], settings["rise"], settings["ignored_tables"]) == (0.5, 2, ["a.*", "b.*"])


@pytest.mark.parametrize(
    ("variables", "variable", "found"),
    [
        ({"weight": 0}, "discovery_weight", "found 0, expected 1 to 256"),
        ({"check_port": 8123}, "discovery_check_port", "8123, which is the http port of ClickHouse"),
        ({"check_port": 0}, "discovery_check_port", "0"),
        ({"agent": {"intervall": 1}}, "discovery_agent.intervall", f"expected one of {', '.join(TUNED)}"),
        ({"agent": {"interval": "soon"}}, "discovery_agent.interval", "'soon' is not of type float"),
        ({"agent": {"interval": 0}}, "discovery_agent.interval", "found 0.0, expected more than 0"),
    ],
)
def test_a_variable_that_is_not_valid(variables, variable, found):
    _settings, (error,) = settings_of(**variables)
    assert (error.check, error.subject) == (variable, "ch1")
    assert found in error.found and "secret" not in error.sentence()


def test_a_cluster_cannot_have_the_name_of_the_locks():
    model = model_of(inventory(), cluster="locks")
    _settings, (error,) = agent_settings(model, "ch1", VARIABLES)
    assert error.check == "topology_cluster" and "reserved" in error.found


def test_the_port_of_a_member_on_the_same_host_is_taken():
    model = model_of(inventory())
    member = {**model["ensemble"]["members"][0], "host": "ch1"}
    model["ensemble"]["members"] = [member]
    _settings, (error,) = agent_settings(model, "ch1", {**VARIABLES, "check_port": 2888})
    assert "2888, which is a port of ZooKeeper" in error.found
