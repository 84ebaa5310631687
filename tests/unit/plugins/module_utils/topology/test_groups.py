# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A run that has nothing to work on is a validation error."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.groups import (
    Run,
    Service,
    selected,
    validate_groups,
)

GROUPS = {"all": ["zk1", "ch1", "web1"], "ungrouped": [], "zookeeper": ["zk1"], "clickhouse": ["ch1"], "web": ["web1"]}


def found(groups=GROUPS, hosts=("zk1", "ch1", "web1"), names=("zookeeper", "clickhouse"), inventory=None, **run):
    services = [
        Service(service, name, (inventory or {}).get(service, {}))
        for service, name in zip(("zookeeper", "clickhouse"), names)
    ]
    errors = validate_groups(services, Run(hosts, groups, sources=["hosts.yml"], **run))
    return [(error.check, error.subject, error.found) for error in errors]


def without(*names, **changes):
    return {name: hosts for name, hosts in {**GROUPS, **changes}.items() if name not in names}


def test_groups_with_hosts_are_valid():
    assert found() == []


def test_a_limit_to_some_hosts_of_one_group_is_valid():
    assert found(hosts=["zk1"], limit="zk1") == []


@pytest.mark.parametrize("groups", [{}, {"all": [], "ungrouped": []}, {"all": [], "zookeeper": [], "clickhouse": []}])
def test_an_inventory_without_hosts_is_invalid(groups):
    assert found(groups, hosts=["localhost"]) == [("inventory", "hosts.yml", "no hosts")]


def test_an_empty_group_is_invalid():
    assert found(without(clickhouse=[])) == [
        ("topology_clickhouse_group", "hosts.yml", "the group clickhouse without hosts")
    ]


def test_a_misspelt_group_is_invalid_and_the_similar_one_is_named():
    services = [Service("zookeeper", "zookeeper"), Service("clickhouse", "clickhouse")]
    (error,) = validate_groups(services, Run(["zk1"], without("clickhouse", clickhous=["ch1"])))
    assert error.found == "no group clickhouse among clickhous, web, zookeeper"
    assert error.hint == (
        "Did you mean clickhous? Correct the inventory, or name the group with -e topology_clickhouse_group=NAME. "
        "To leave clickhouse out: --tags zookeeper."
    )


def test_a_limit_without_hosts_of_the_groups_is_invalid():
    assert found(hosts=["web1"], limit="web1") == [
        ("--limit", "web1", "no host of the group zookeeper or clickhouse"),
    ]


def test_a_group_name_that_only_the_inventory_knows_is_invalid():
    inventory = {"zookeeper": {"zk_prod": ["zk1", "zk2"]}, "clickhouse": {"clickhouse": ["ch1"]}}
    assert found(inventory=inventory) == [
        ("topology_zookeeper_group", "zk1, zk2", "zk_prod in the inventory, but the plays run on zookeeper")
    ]


@pytest.mark.parametrize("tags", [["all"], ["zookeeper"], ["ensemble"]])
def test_an_ensemble_that_somebody_else_runs_needs_no_group(tags):
    """Its replicas check it."""
    own = without("zookeeper")
    assert found(own, hosts=["ch1"], tags=tags, external=["ch1"]) == []
    assert found(own, hosts=["web1"], limit="web1", tags=tags, external=["ch1"]) == [
        ("--limit", "web1", "no host of the group clickhouse")
    ]


def test_a_playbook_for_the_ensemble_alone_has_nothing_to_do_then():
    run = Run(["ch1"], without("zookeeper"), external=["ch1"])
    (error,) = validate_groups([Service("zookeeper", "zookeeper")], run)
    assert (error.check, error.subject) == ("clickhouse_zookeeper_nodes", "ch1")


@pytest.mark.parametrize("options", [{"tags": ["zookeeper"]}, {"skip_tags": ["clickhouse"]}])
def test_a_service_that_the_run_leaves_out_needs_no_group(options):
    assert found(without("clickhouse"), **options) == []
    assert found(without("clickhouse"), hosts=["web1"], limit="web1", **options) == [
        ("--limit", "web1", "no host of the group zookeeper")
    ]


@pytest.mark.parametrize(
    ("service", "tags", "skip_tags", "expected"),
    [
        ("zookeeper", ["all"], [], True),
        ("zookeeper", [], [], True),
        ("zookeeper", ["zookeeper_configure"], [], True),
        ("zookeeper", ["clickhouse", "zookeeper"], [], True),
        ("zookeeper", ["preflight"], [], True),
        ("zookeeper", ["clickhouse_configure", "clickhouse_service"], [], False),
        ("clickhouse", ["zookeeper"], [], False),
        ("clickhouse", ["all"], ["clickhouse"], False),
        ("clickhouse", ["all"], ["zookeeper"], True),
    ],
)
def test_tags_select_the_services_of_a_run(service, tags, skip_tags, expected):
    assert selected(service, tags, skip_tags) is expected
