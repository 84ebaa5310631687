# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Variables of any host, evaluated with the defaults of the roles."""

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.agreement import Value
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.host_variables import HostVariables


@pytest.fixture(scope="module", autouse=True)
def plugins():
    """As Ansible's commands do it, so that its own plugins are found by their full names."""
    init_plugin_loader()


@pytest.fixture
def read():
    def value(name, **variables):
        loader = DataLoader()
        inventory = InventoryManager(loader, sources=["db1,"])
        manager = VariableManager(loader, inventory)
        for key, item in variables.items():
            inventory.get_host("db1").set_variable(key, trust_as_template(item) if isinstance(item, str) else item)
        hostvars = HostVars(inventory, manager, loader)
        return HostVariables(loader, Templar(loader), hostvars).inventory("db1", [name])[name]

    return value


def test_a_variable_that_nothing_sets_is_the_default_of_its_role(read):
    assert read("topology_cluster") == Value("main", is_default=True)
    assert read("clickhouse_zookeeper_root") == Value("/clickhouse/main", is_default=True)
    assert read("clickhouse_zookeeper_root", topology_cluster="prod") == Value("/clickhouse/prod", is_default=True)
    assert read("zookeeper_address") == Value(None, is_default=True)


def test_an_expression_may_use_the_default_of_a_role(read):
    assert read("clickhouse_zookeeper_root", clickhouse_zookeeper_root="/x/{{ topology_cluster }}") == Value("/x/main")


def test_values_are_converted_but_those_of_one_host_are_left_to_the_model(read):
    assert read("topology_shards", topology_shards="01,02") == Value(["01", "02"])
    assert read("clickhouse_cluster_password", clickhouse_cluster_password=1) == Value("1", secret=True)
    assert read("zookeeper_id", zookeeper_id="two") == Value("two")


def test_what_cannot_be_evaluated_or_converted_has_an_error_and_no_value(read):
    assert (
        read("ansible_host", ansible_host="{{ nothing }}").error == "an expression that fails ('nothing' is undefined)"
    )
    assert (
        read("topology_allow_unsafe_size", topology_allow_unsafe_size="perhaps").error
        == "'perhaps' is not of type bool"
    )


def test_the_error_of_a_password_does_not_show_it(read):
    value = read("clickhouse_cluster_password", clickhouse_cluster_password={"pass": ["word"]})
    assert value.secret and "word" not in value.error
