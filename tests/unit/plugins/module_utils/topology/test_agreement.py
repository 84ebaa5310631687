# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Hosts agree on the variables that describe the whole."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.agreement import (
    ALL,
    CLUSTER,
    CLUSTER_MODEL,
    ENSEMBLE,
    Value,
    read_variables,
    validate_agreement,
    validate_places,
    validate_values,
)

MEMBERS, REPLICAS = ["zk1", "zk2", "db1"], ["db1", "ch1"]


def values(**changes):
    """The default everywhere, with changes by variable and host."""
    return {
        host: {name: changes.get(name, {}).get(host, Value("x", is_default=True)) for name in names}
        for host, names in read_variables(MEMBERS, REPLICAS).items()
    }


def disagreements(**changes):
    errors = validate_agreement(values(**changes), MEMBERS, REPLICAS)
    return [(error.check, error.subject, error.found) for error in errors]


def everywhere(value):
    return dict.fromkeys(["zk1", "zk2", "db1", "ch1"], value)


def test_each_host_is_read_for_what_it_is():
    names = read_variables(MEMBERS, REPLICAS)
    assert list(names) == ["zk1", "zk2", "db1", "ch1"]
    assert "clickhouse_shard" not in names["zk1"] and "zookeeper_id" not in names["ch1"]
    assert {"clickhouse_shard", "zookeeper_id"} < set(names["db1"])


@pytest.mark.parametrize("name", [*ALL, *ENSEMBLE, *CLUSTER, *CLUSTER_MODEL])
def test_one_value_everywhere_is_valid(name):
    assert disagreements(**{name: everywhere(Value("prod"))}) == []
    assert disagreements() == []


@pytest.mark.parametrize("name", ALL)
def test_a_value_for_one_group_only_is_a_disagreement(name):
    assert disagreements(**{name: {"db1": Value("prod"), "ch1": Value("prod")}}) == [
        (name, "zk1, zk2, db1, ch1", "x (the default) on zk1, zk2 and prod on db1, ch1")
    ]


@pytest.mark.parametrize(
    ("names", "hosts"), [(ENSEMBLE, "zk1, zk2, db1"), (CLUSTER, "db1, ch1"), (CLUSTER_MODEL, "db1, ch1")]
)
def test_members_and_replicas_need_to_agree_among_themselves_only(names, hosts):
    for name in names:
        ((check, subject, _found),) = disagreements(**{name: {"db1": Value("prod")}})
        assert (check, subject) == (name, hosts)


def test_members_agree_on_their_previous_client_port():
    ((check, subject, _found),) = disagreements(zookeeper_previous_client_port={"zk1": Value(2181)})
    assert (check, subject) == ("zookeeper_previous_client_port", "zk1, zk2, db1")


def test_a_default_that_differs_only_because_another_variable_does_is_not_reported():
    roots = {"db1": Value("/a", is_default=True), "ch1": Value("/b", is_default=True)}
    assert disagreements(clickhouse_zookeeper_root=roots) == []


def test_the_value_of_a_password_is_not_shown():
    passwords = {"db1": Value("open", secret=True), "ch1": Value("sesame", secret=True)}
    assert disagreements(clickhouse_cluster_password=passwords) == [
        ("clickhouse_cluster_password", "db1, ch1", "one value on db1 and another value on ch1")
    ]
    passwords = {"db1": Value(None, secret=True), "ch1": Value("sesame", secret=True)}
    assert disagreements(clickhouse_cluster_password=passwords)[0][2] == "nothing on db1 and another value on ch1"


def test_lists_agree_by_their_elements():
    assert disagreements(topology_shards=everywhere(Value(["01", "02"]))) == []
    shards = {**everywhere(Value(["01", "02"])), "ch1": Value(["02", "01"])}
    assert disagreements(topology_shards=shards)[0][2] == '["01", "02"] on zk1, zk2, db1 and ["02", "01"] on ch1'


def test_many_hosts_are_counted():
    hosts = [f"zk{number}" for number in range(20)]
    found = {host: {name: Value("x") for name in read_variables(hosts, [])[host]} for host in hosts}
    found["zk0"]["topology_cluster"] = Value("y")
    (error,) = validate_agreement(found, hosts, [])
    assert error.found == "y on zk0 and x on zk1, zk2, zk3, zk4, zk5, zk6, zk7, zk8 and 11 more"


def test_a_variable_of_the_model_that_cannot_be_evaluated_is_invalid():
    broken = Value(error="an expression that fails ('x' is undefined)")
    errors = validate_values(values(zookeeper_address={"zk1": broken, "zk2": broken}))
    assert [(error.check, error.subject, error.found) for error in errors] == [
        ("zookeeper_address", "zk1, zk2", "an expression that fails ('x' is undefined)")
    ]


def test_a_password_that_no_host_can_read_does_not_stop_a_run_that_does_not_need_it():
    broken = Value(secret=True, error="an expression that fails ('vault' is undefined)")
    found = values(clickhouse_cluster_password={"db1": broken, "ch1": broken})
    assert [*validate_values(found), *validate_agreement(found, MEMBERS, REPLICAS)] == []


def test_a_variable_of_the_model_belongs_into_the_inventory():
    found = values(zookeeper_client_port=everywhere(Value(2181, is_default=True)))
    seen = {"zk1": {"zookeeper_client_port": 2199}, "zk2": {"zookeeper_client_port": 2199}, "db1": {}}
    (error,) = validate_places(found, seen)
    assert (error.check, error.subject) == ("zookeeper_client_port", "zk1, zk2")
    assert error.found == "2199 in the variables of the play, a role or a task"
    assert error.expected == "2181 (the default) as for other plays"
    assert "group_vars or host_vars" in error.hint and "-e" in error.hint
