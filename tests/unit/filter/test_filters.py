# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The filters: thin views of functions that have tests of their own."""

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.zoohouse.cluster.plugins.filter.clickhouse import clickhouse_config_root
from ansible_collections.zoohouse.cluster.plugins.filter.findings import (
    ENSEMBLE,
    REPLICA,
    findings_message,
    findings_table,
    health_findings,
)
from ansible_collections.zoohouse.cluster.plugins.filter.topology import host_refusals, topology
from ansible_collections.zoohouse.cluster.plugins.filter.zookeeper import zookeeper_bootstrap

HOSTVARS = {"zk1": {"ansible_host": "10.0.0.11", "zookeeper_id": 1}, "ch1": {"clickhouse_shard": "01"}}
OK = {"check": "serving", "severity": "ok", "subject": "zk1", "found": "leader", "expected": "leader", "hint": ""}
BAD = {**OK, "severity": "critical", "subject": "zk2", "found": "no answer", "hint": "Start it."}


def built():
    return topology(HOSTVARS, ["zk1"], ["ch1"], "main", [], True)


def test_a_topology_comes_back_as_plain_data():
    assert built()["refusals"] == []
    assert built()["ensemble"]["connection_string"] == "zk1:2181"


def test_hosts_are_judged_by_what_was_registered_on_them():
    reading = {"own_addresses": [], "resolved": {}, "hosts_file": {}}
    refused = host_refusals(built(), {"zk1": {"__reading": reading}, "ch1": {}}, "__reading")
    assert [(one["check"], one["subject"]) for one in refused] == [("zookeeper_address", "zk1")]
    assert host_refusals(built(), {}, "__reading") == []


def test_an_ensemble_is_judged_by_what_was_registered_on_its_members():
    members = built()["ensemble"]["members"]
    empty = {"files": [], "myid": None, "bootstrapped": False}
    run = {"zk1": {"__disks": empty}}
    assert zookeeper_bootstrap(members, run, "__disks") == {"permitted": True, "refusals": []}
    run = {"zk1": {"__disks": {**empty, "bootstrapped": True}}}
    refused = zookeeper_bootstrap(members, run, "__disks")
    assert (refused["permitted"], len(refused["refusals"])) == (False, 1)
    assert zookeeper_bootstrap(members, run, "__disks", confirmed_empty=True)["permitted"] is True


def test_a_version_that_is_none_is_an_error_of_the_filter():
    assert clickhouse_config_root("18.16.1") == "yandex"
    with pytest.raises(AnsibleFilterError, match="is not a ClickHouse version"):
        clickhouse_config_root("head")


def test_findings_are_told_to_people():
    assert findings_message([OK, BAD], "Not well:").splitlines() == [
        "Not well:",
        "- zk2: serving: found no answer, expected leader. Start it.",
    ]
    assert len(findings_table([OK, BAD])) == 4


def test_the_ensemble_is_told_once_as_its_best_connected_member_sees_it():
    hostvars = {
        "zk1": {ENSEMBLE: {"findings": [BAD, BAD]}},
        "zk2": {ENSEMBLE: {"findings": [OK, BAD]}},
        "ch1": {REPLICA: {"findings": [{**OK, "subject": "ch1"}]}},
        "ch2": {},
    }
    assert health_findings(hostvars) == [OK, BAD, {**OK, "subject": "ch1"}]


def test_a_host_that_could_not_be_reached_is_a_finding():
    lead = "Failed to connect to the host via ssh: "
    away = {"unreachable": True, "msg": f"{lead}ssh: connect to host 10.0.0.12 port 22: No route to host\nmore"}
    (finding,) = health_findings({"zk2": {ENSEMBLE: away}})
    assert (finding["check"], finding["severity"], finding["subject"]) == ("connection", "critical", "zk2")
    assert finding["found"] == "connect to host 10.0.0.12 port 22: No route to host"


def test_no_host_has_nothing_to_tell():
    assert health_findings({}) == []
