# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The report as data."""

import pytest
from helpers import inventory, model_of
from reports import (
    GENERATED,
    LAYOUT_ORPHAN,
    MEMBERS,
    REPLICAS,
    SITUATIONS,
    finding,
    hostvars,
    member_row,
    report,
    situation,
)

from ansible_collections.zoohouse.cluster.plugins.module_utils.report.collect import ENSEMBLE, EXTERNAL, LAYOUT, REPLICA
from ansible_collections.zoohouse.cluster.plugins.module_utils.report.model import build_report, number


def part(result, name):
    return next(item for item in result["parts"] if item["name"] == name)


def replica(result, host):
    return next(row for shard in result["cluster"]["shards"] for row in shard["replicas"] if row["host"] == host)


def test_a_healthy_cluster():
    result = report("healthy")
    assert result["healthy"] and result["severity"] == "ok" and result["generated"] == GENERATED
    assert result["ensemble"]["leader"] == "zk2"
    assert [row["figures"]["mode"] for row in result["ensemble"]["members"]] == ["follower", "leader", "follower"]
    assert [[row["host"] for row in shard["replicas"]] for shard in result["cluster"]["shards"]] == [
        ["ch1", "ch2"],
        ["ch3", "ch4"],
    ]
    assert {item["severity"] for item in result["questions"]} == {"ok"}


def test_the_worst_findings_come_first_and_belong_to_their_part_and_host():
    result = report("orphan")
    assert not result["healthy"]
    assert [item["severity"] for item in result["findings"]][:2] == ["critical", "warning"]
    assert (result["findings"][0]["part"], result["findings"][0]["host"]) == ("layout", None)
    assert part(result, "drift")["severity"] == "warning" and part(result, "layout")["severity"] == "critical"
    assert result["orphans"] == [LAYOUT_ORPHAN]


def test_without_a_model_the_groups_are_shown_and_figures_are_unknown():
    result = report("down")
    assert [row["host"] for row in result["ensemble"]["members"]] == ["zk1", "zk2", "zk3"]
    assert [shard["name"] for shard in result["cluster"]["shards"]] == ["01", "02"]
    assert {row["severity"] for row in result["ensemble"]["members"]} == {"critical"}
    figures = replica(result, "ch1")["figures"]
    assert set(figures.values()) == {None}
    assert result["questions"][2]["severity"] == "unknown"


def test_a_part_that_was_not_checked_is_not_ok():
    changed = hostvars("healthy")
    del changed["ch1"][LAYOUT]
    result = situation(changed)
    assert part(result, "layout") == {
        "name": "layout",
        "selected": True,
        "severity": "unknown",
        "counts": {"ok": 0, "warning": 0, "critical": 0},
    }


def test_replicas_are_compared_with_each_other():
    changed = hostvars("healthy")
    changed["ch2"][REPLICA]["replicas"][0]["version"] = "18.14.9"
    for host in ("ch1", "ch2"):
        changed[host][REPLICA]["catalog"] = {"tables": {}, "users": {"users/admin": host}, "settings": None}
    found = [item for item in situation(changed)["findings"] if item["severity"] != "ok"]
    assert {(item["check"], item["part"], item["severity"]) for item in found} >= {
        ("version_drift", "drift", "warning")
    }
    assert "users_drift" in {item["check"] for item in found}
    assert situation(changed, ["replication"])["counts"]["warning"] == 0


def test_what_only_its_own_host_knows_of_a_member():
    changed = hostvars("healthy")
    for host in ("zk1", "zk2"):
        changed[host][ENSEMBLE]["local_findings"] = [finding("disk_free", "warning", host)]
    result = situation(changed)
    assert [(item["host"], item["part"]) for item in result["findings"] if item["check"] == "disk_free"] == [
        ("zk1", "ensemble"),
        ("zk2", "ensemble"),
    ]


@pytest.mark.parametrize(
    ("limits", "expected"), [({}, ["zk3"]), ({"clock_skew": 2000}, []), ('{"clock_skew": null}', [])]
)
def test_a_clock_that_differs(limits, expected):
    changed = hostvars("healthy")
    for host, offset in (("zk1", 0.0), ("zk2", 0.1), ("zk3", 1.5)):
        changed[host][ENSEMBLE].update(clock_offset=offset, clock_uncertainty=0.2)
        changed[host]["zookeeper_health_limits"] = limits
    bad = [
        item for item in situation(changed)["findings"] if item["check"] == "clock_skew" and item["severity"] != "ok"
    ]
    assert [(item["host"], item["part"]) for item in bad] == [(host, "ensemble") for host in expected]


def test_a_layout_check_that_failed_is_a_finding():
    changed = hostvars("healthy")
    changed["ch1"][LAYOUT] = {"failed": True, "msg": "no session"}
    (bad,) = (item for item in situation(changed)["findings"] if item["severity"] == "critical")
    assert (bad["part"], bad["subject"], bad["found"]) == ("layout", "ch1", "failed: no session")


@pytest.mark.parametrize(
    ("tags", "parts"),
    [
        (["ensemble"], {"ensemble"}),
        (["zookeeper"], {"ensemble"}),
        (["clickhouse"], {"replication", "layout", "drift"}),
        (["replication"], {"replication"}),
        (["layout"], {"layout"}),
        (["drift"], {"drift"}),
        (["all"], {"ensemble", "replication", "layout", "drift"}),
    ],
)
def test_tags_choose_the_parts(tags, parts):
    result = situation(hostvars("orphan"), tags)
    assert {item["part"] for item in result["findings"]} == parts
    assert {item["name"] for item in result["parts"] if item["selected"]} == parts


def test_a_host_without_a_result_counts_for_the_part_that_was_selected():
    result = situation({**hostvars("healthy"), "ch2": {}}, ["drift"])
    assert [(item["part"], item["subject"]) for item in result["findings"] if item["severity"] == "critical"] == [
        ("drift", "ch2")
    ]


def test_nothing_checked_is_not_healthy():
    result = build_report(hostvars("healthy"), [], [], ["layout"])
    assert result["findings"] == [] and not result["healthy"] and result["severity"] == "unknown"


def test_findings_name_members_by_address_and_the_report_by_host():
    changed = hostvars("healthy")
    changed["zk1"][ENSEMBLE] = changed["zk2"][ENSEMBLE] = changed["zk3"][ENSEMBLE] = {
        "findings": [finding("serving", "critical", "zk1.example.com")],
        "members": [member_row("zk1.example.com", "follower")],
        "leader": None,
    }
    changed["zk1"]["topology_model"]["ensemble"]["members"][0]["name"] = "zk1.example.com"
    result = situation(changed)
    first = result["ensemble"]["members"][0]
    assert (first["host"], first["severity"], first["figures"]["mode"]) == ("zk1", "critical", "follower")


def test_a_leader_is_shown_when_the_check_returns_no_members():
    changed = hostvars("healthy")
    for host in ("zk1", "zk2", "zk3"):
        del changed[host][ENSEMBLE]["members"]
    assert [row["figures"]["mode"] for row in situation(changed)["ensemble"]["members"]] == [None, "leader", None]


def test_a_shard_with_a_replica_that_was_not_checked_is_not_ok():
    changed = hostvars("healthy")
    changed["ch1"][REPLICA] = {"findings": []}
    assert [shard["severity"] for shard in situation(changed)["cluster"]["shards"]] == ["unknown", "ok"]


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (0, 0),
        ("12", 12),
        (1.5, 1.5),
        (2**70, 2**70),
        (None, None),
        ("", None),
        ("x", None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        ([], None),
        ("1e999", None),
    ],
)
def test_a_figure_is_a_number_or_unknown(value, result):
    assert number(value) == result


@pytest.mark.parametrize("name", SITUATIONS)
def test_counts_agree_with_the_findings(name):
    result = report(name)
    assert sum(result["counts"].values()) == len(result["findings"])
    assert sum(sum(item["counts"].values()) for item in result["parts"]) == len(result["findings"])


@pytest.fixture
def external():
    """A healthy cluster on an ensemble that somebody else runs, which ch1 and ch2 have checked."""
    variables = hostvars("healthy")
    result = variables["zk1"][ENSEMBLE]
    changes = {host: {"clickhouse_zookeeper_nodes": [{"host": member} for member in MEMBERS]} for host in REPLICAS}
    model = model_of(inventory(changes, gone=MEMBERS))
    variables = {host: {**variables[host], "topology_model": model} for host in REPLICAS}
    for host in ("ch1", "ch2"):
        variables[host][EXTERNAL] = {**result, "clock_offset": 9.0, "clock_uncertainty": 0.1}
    return variables


def external_report(variables, **options):
    return build_report(variables, [], REPLICAS, generated=GENERATED, **options)


def test_an_ensemble_that_somebody_else_runs(external):
    """Its members are shown by their addresses; the clock of a replica is not theirs."""
    result = external_report(external)
    assert result["healthy"] and part(result, "ensemble")["severity"] == "ok"
    assert [(row["host"], row["figures"]["mode"]) for row in result["ensemble"]["members"]] == [
        ("zk1", "follower"),
        ("zk2", "leader"),
        ("zk3", "follower"),
    ]
    assert result["ensemble"]["leader"] == "zk2" and {row["id"] for row in result["ensemble"]["members"]} == {None}
    assert not [item for item in result["findings"] if item["check"] == "clock_skew"]
    assert [item["host"] for item in result["findings"] if item["check"] == "serving"] == list(MEMBERS)


def test_one_replica_is_enough_to_know_an_ensemble(external):
    external["ch1"][EXTERNAL] = {"unreachable": True, "msg": "no route"}
    assert part(external_report(external), "ensemble")["counts"]["critical"] == 0


@pytest.mark.parametrize("result", [{"failed": True, "msg": "no Python"}, {}])
def test_an_ensemble_that_no_replica_has_checked_is_not_healthy(external, result):
    for host in ("ch1", "ch2"):
        external[host][EXTERNAL] = result
    report_of_none = external_report(external)
    assert part(report_of_none, "ensemble")["severity"] == "critical" and not report_of_none["healthy"]
    assert part(external_report(external, tags=["drift"]), "ensemble")["selected"] is False
