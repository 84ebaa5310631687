# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Hosts that do not agree with the topology are validation errors."""

import pytest
from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology import build_topology
from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.hosts import check_hosts


def host_result(ip, **changes):
    """What host_info returns on a host that has this address and knows its own name."""
    return {
        "own_addresses": [ip],
        "hosts_file": {},
        "resolved": {},
        "clock_offset": 0.0,
        "clock_uncertainty": 0.1,
        **changes,
    }


def results(hostvars, changes=None):
    return {
        host: host_result(variables["ansible_host"], **(changes or {}).get(host, {}))
        for host, variables in hostvars.items()
    }


def host_errors(hostvars, changes=None, manage_names=True, max_clock_skew=0.5):
    findings = check_hosts(model_of(hostvars), results(hostvars, changes), manage_names, max_clock_skew)
    return [(item.check, item.subject, item.found, item.expected) for item in findings]


def test_good_hosts_are_valid():
    assert host_errors(inventory()) == []


def test_hosts_that_were_not_read_are_ignored():
    assert check_hosts(model_of(inventory()), {"zk1": host_result("10.0.0.11"), "zk2": None}, True, 0.5) == []


def test_a_name_that_leads_to_the_host_s_own_loopback_is_invalid():
    trap = {"zk2": {"hosts_file": {"zk2": ["127.0.1.1"]}}}
    assert host_errors(inventory(), trap) == [("zk2 in /etc/hosts", "zk2", "127.0.1.1", "10.0.0.12")]


def test_a_stale_name_of_another_host_is_invalid():
    stale = {"zk1": {"hosts_file": {"zk2": ["172.29.64.99"]}}}
    assert host_errors(inventory(), stale) == [("zk2 in /etc/hosts", "zk1", "172.29.64.99", "10.0.0.12")]


@pytest.mark.parametrize(("resolved", "found"), [(["203.0.113.7"], "203.0.113.7"), ([], "no address")])
def test_without_managed_names_the_names_of_other_hosts_must_lead_to_them(resolved, found):
    names = {host: [values["ansible_host"]] for host, values in inventory().items()}
    changes = {host: {"resolved": names} for host in names}
    changes["ch1"] = {"resolved": {**names, "zk2": resolved}}
    assert host_errors(inventory(), changes, manage_names=False) == [("name zk2", "ch1", found, "10.0.0.12")]


def test_a_dns_name_of_another_host_must_not_be_a_loopback_address():
    hostvars = inventory({"zk2": {"ansible_host": "zk2.example.org"}})
    hosts = results(
        {
            host: {**values, "ansible_host": "10.0.0.12"} if host == "zk2" else values
            for host, values in hostvars.items()
        }
    )
    for host in hosts:
        hosts[host]["resolved"] = {"zk2.example.org": ["127.0.0.1"] if host == "ch1" else ["10.0.0.12"]}
    errors = check_hosts(model_of(hostvars), hosts, True, 0.5)
    assert [(error.check, error.subject, error.found) for error in errors] == [
        ("name zk2.example.org", "ch1", "127.0.0.1")
    ]


def test_a_line_that_agrees_with_the_inventory_is_accepted():
    assert host_errors(inventory(), {"zk2": {"hosts_file": {"zk2": ["10.0.0.12"]}}}) == []


def test_dns_does_not_matter_when_names_are_managed():
    assert host_errors(inventory(), {"zk2": {"resolved": {"zk2": ["203.0.113.7"]}}}) == []


def test_an_address_that_the_host_does_not_have_is_invalid():
    assert host_errors(inventory(), {"ch1": {"own_addresses": ["172.16.0.1"]}}) == [
        ("clickhouse_address", "ch1", "10.0.0.21, which is on none of its interfaces", "an address of the host")
    ]


def test_a_loopback_address_is_invalid_where_others_must_reach_it():
    hostvars = inventory({"zk1": {"ansible_host": "127.0.0.1"}})
    assert [item[:2] for item in host_errors(hostvars)] == [("zookeeper_address", "zk1")]


@pytest.mark.parametrize(
    ("resolved", "own", "found"),
    [
        (["127.0.1.1"], ["127.0.1.1", "10.0.0.12"], "127.0.1.1"),
        (["::1", "10.0.0.12"], ["::1", "10.0.0.12"], "::1"),
        (["203.0.113.7"], ["10.0.0.12"], "203.0.113.7"),
        ([], ["10.0.0.12"], "no address"),
    ],
)
def test_without_managed_names_a_name_must_lead_to_the_host_itself(resolved, own, found):
    names = {host: [values["ansible_host"]] for host, values in inventory().items()}
    changes = {host: {"resolved": names} for host in names}
    changes["zk2"] = {"resolved": {**names, "zk2": resolved}, "own_addresses": own}
    assert host_errors(inventory(), changes, manage_names=False) == [
        ("name zk2", "zk2", found, "an address of the host, not a loopback address")
    ]


@pytest.mark.parametrize("manage_names", [True, False])
def test_a_dns_name_must_lead_to_the_host_itself(manage_names):
    model = build_topology({"zk1.example.org": {"zookeeper_id": 1}}, ["zk1.example.org"], [], allow_unsafe_size=True)
    good = {"own_addresses": ["10.0.0.1"], "hosts_file": {}, "resolved": {"zk1.example.org": ["10.0.0.1"]}}
    bad = {**good, "resolved": {"zk1.example.org": ["203.0.113.7"]}}
    assert check_hosts(model, {"zk1.example.org": good}, manage_names, 0.5) == []
    (finding,) = check_hosts(model, {"zk1.example.org": bad}, manage_names, 0.5)
    assert (finding.check, finding.subject, finding.found) == ("name zk1.example.org", "zk1.example.org", "203.0.113.7")
    assert finding.expected == "an address of the host, not a loopback address"


def test_an_address_used_as_a_name_needs_no_resolver():
    model = build_topology({"10.0.0.1": {"zookeeper_id": 1}}, ["10.0.0.1"], [], allow_unsafe_size=True)
    assert check_hosts(model, {"10.0.0.1": host_result("10.0.0.1")}, False, 0.5) == []


def test_a_host_in_both_groups_is_reported_once():
    both = {"ansible_host": "10.0.0.1", "zookeeper_id": 1, "clickhouse_shard": "01"}
    model = build_topology({"db1": both}, ["db1"], ["db1"], allow_unsafe_size=True)
    result = check_hosts(model, {"db1": host_result("10.0.0.1", hosts_file={"db1": ["127.0.1.1"]})}, True, 0.5)
    assert [item.check for item in result] == ["db1 in /etc/hosts"]


@pytest.mark.parametrize(("offset", "word"), [(30.0, "ahead of"), (-30.0, "behind")])
def test_a_clock_that_is_certainly_wrong_is_invalid(offset, word):
    ((check, subject, found, expected),) = host_errors(inventory(), {"ch2": {"clock_offset": offset}})
    assert (check, subject, expected) == ("host_max_clock_skew", "ch2", "at most 0.5 s")
    assert found.startswith(f"a clock 30.0 s {word} ")


def test_a_clock_within_the_uncertainty_of_the_measurement_is_accepted():
    slow = {"zk2": {"clock_offset": 3.0, "clock_uncertainty": 2.5}}
    assert host_errors(inventory(), slow) == []
    assert len(host_errors(inventory(), slow, max_clock_skew=0.1)) == 1


def test_one_clock_alone_has_nothing_to_be_compared_with():
    model = build_topology(
        {"zk1": {"ansible_host": "10.0.0.1", "zookeeper_id": 1}}, ["zk1"], [], allow_unsafe_size=True
    )
    assert check_hosts(model, {"zk1": host_result("10.0.0.1", clock_offset=1e6)}, True, 0.5) == []


def test_a_host_whose_module_failed_is_ignored():
    assert check_hosts(model_of(inventory()), {"zk1": {"failed": True, "msg": "no space left"}}, True, 0.5) == []
