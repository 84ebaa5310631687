# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Who is new, in every state in which a run may find the hosts."""

import pytest
from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.growth import (
    find_new,
    joined,
    remote_servers,
    sources,
)

OLD = ("ch1", "ch2", "ch3", "ch4")
# A third replica of the first shard, and a third shard.
GROWN = {
    "ch5": {"ansible_host": "10.0.0.25", "clickhouse_shard": "01"},
    "ch6": {"ansible_host": "10.0.0.26", "clickhouse_shard": "03"},
}
FRESH = {"deployed": None}
# The package was installed again after the disk was lost.
EMPTY = ("replicated_tables", "distributed_tables", "other_tables", "users", "zookeeper_endpoints", "shards")
SERVER = {"own": False, "running": False, "service_config": True, "data_path": "/", "role_data_path": "", "macros": {}}
LOST = {"deployed": {**SERVER, **{name: [] for name in EMPTY}}}


def cluster(grown=GROWN):
    return model_of(inventory(grown))["cluster"]


def server(*hosts, joining=False, **changes):
    """What is deployed on a host whose remote_servers has these hosts."""
    shards = [{"name": "any", "endpoints": [f"{host}:9000" for host in hosts]}]
    return {"deployed": {"own": True, "joining": joining, "shards": shards if hosts else [], **changes}}


def found(results, grown=GROWN):
    model = cluster(grown)
    hosts = [replica["host"] for replica in model["replicas"]]
    return find_new(model, {host: results.get(host) for host in hosts})


def everybody(result):
    return dict.fromkeys(("ch1", "ch2", "ch3", "ch4", "ch5", "ch6"), result)


def test_all_replicas_of_a_first_run_join_at_once():
    result = found(everybody(FRESH))
    assert result == {"new": [], "joining": [], "absent": [], "members": [*OLD, "ch5", "ch6"]}


def test_a_first_run_that_was_killed_after_one_host():
    assert found({**everybody(FRESH), "ch1": server(*OLD, "ch5", "ch6")})["new"] == []


def test_a_run_that_changes_nothing():
    assert found(everybody(server(*OLD, "ch5", "ch6")))["new"] == []


def test_a_replica_and_a_shard_that_are_new():
    result = found({**dict.fromkeys(OLD, server(*OLD)), "ch5": FRESH, "ch6": LOST})
    assert result == {"new": ["ch5", "ch6"], "joining": ["ch5", "ch6"], "absent": [], "members": list(OLD)}


def test_new_replicas_that_know_the_others_already():
    """A run was killed after it had configured them: each of them has the whole cluster."""
    new = server(*OLD, "ch5", "ch6", joining=True)
    assert found({**dict.fromkeys(OLD, server(*OLD)), "ch5": new, "ch6": new})["joining"] == ["ch5", "ch6"]


def test_a_run_that_was_killed_while_the_others_got_to_know_a_new_replica():
    """It was healthy by then."""
    new = server(*OLD, "ch5", "ch6", joining=True)
    results = {**dict.fromkeys(OLD, server(*OLD)), "ch2": server(*OLD, "ch5"), "ch5": new, "ch6": new}
    assert found(results)["joining"] == ["ch6"]
    # Its own files may have been the first to be written: it joins once more, with nothing left to copy.
    results["ch6"] = server(*OLD, "ch5", "ch6")
    assert found(results)["joining"] == ["ch6"]
    results["ch1"] = server(*OLD, "ch5", "ch6")
    assert found(results)["joining"] == []


def test_a_cluster_of_one_replica_grows():
    model = model_of(inventory(gone=("ch3", "ch4")))["cluster"]
    assert find_new(model, {"ch1": server("ch1"), "ch2": FRESH})["joining"] == ["ch2"]
    assert find_new(model, {"ch1": server("ch1"), "ch2": server("ch1", "ch2", joining=True)})["joining"] == ["ch2"]
    both = server("ch1", "ch2")
    assert find_new(model, {"ch1": both, "ch2": both})["joining"] == []


@pytest.mark.parametrize("state", [FRESH, LOST, server(running=False)])
def test_a_replica_that_is_down_or_lost_stays(state):
    assert found({**everybody(server(*OLD, "ch5", "ch6")), "ch2": state})["new"] == []


def test_a_replica_with_another_address_is_not_new():
    assert found({**everybody(server(*OLD, "old", "ch6"))})["new"] == []


def test_a_replica_that_comes_back_after_it_was_removed_is_new():
    """The others do not know it any more, and may have other tables by now."""
    former = server(*OLD, "ch5", "ch6")
    result = found({**dict.fromkeys(OLD, server(*OLD, "ch6")), "ch5": former, "ch6": server(*OLD, "ch6")})
    assert (result["joining"], result["members"]) == (["ch5"], [*OLD, "ch6"])


def test_replicas_that_know_only_themselves_are_members():
    model = model_of(inventory(gone=("ch3", "ch4")))["cluster"]
    assert find_new(model, {"ch1": server("ch1"), "ch2": server("ch2")})["new"] == []


def test_a_new_replica_that_is_not_in_the_run():
    result = found({"ch1": server(*OLD), "ch5": FRESH})
    assert (result["new"], result["joining"], result["absent"]) == (["ch5", "ch6"], ["ch5"], ["ch6"])


def test_a_replica_outside_of_the_run_may_have_another_address():
    assert found({"ch1": server("ch1", "ch2", "ch3", "old", "ch5", "ch6")})["new"] == []


def test_a_run_of_new_replicas_alone_lets_nobody_join():
    """They cannot tell a first run from a cluster that grows; the next run can."""
    result = found({"ch5": FRESH, "ch6": FRESH})
    assert (result["new"], result["joining"], result["absent"]) == (["ch5", "ch6"], [], [])
    later = {"ch5": server(*OLD, "ch5", "ch6", joining=True), "ch6": server(*OLD, "ch5", "ch6", joining=True)}
    assert found({**dict.fromkeys(OLD, server(*OLD)), **later})["joining"] == ["ch5", "ch6"]
    assert found({**dict.fromkeys(OLD, FRESH), **later})["new"] == []


def test_servers_that_are_adopted_are_members():
    foreign = {"deployed": {**LOST["deployed"], "replicated_tables": ["demo.hits"]}}
    result = found({**dict.fromkeys(OLD, foreign), "ch5": FRESH, "ch6": FRESH})
    assert (result["joining"], result["members"]) == (["ch5", "ch6"], list(OLD))
    # Nobody knows about hosts that are not read.
    assert found({"ch1": foreign})["new"] == []


# --- remote_servers


def known(result, host):
    """The hosts in the remote_servers of a host, by shard."""
    (shards,) = remote_servers(cluster(), result, host).values()
    return {shard["shard"]: [replica["host"] for replica in shard["replicas"]] for shard in shards}


def test_only_new_replicas_know_new_replicas():
    result = found({**dict.fromkeys(OLD, server(*OLD)), "ch5": FRESH, "ch6": FRESH})
    before, after = {"01": ["ch1", "ch2"], "02": ["ch3", "ch4"]}, {"01": ["ch1", "ch2", "ch5"], "02": ["ch3", "ch4"]}
    assert known(result, "ch1") == before
    assert known(result, "ch5") == known(result, "ch6") == {**after, "03": ["ch6"]}
    assert known(joined(result), "ch1") == known(joined(result), "ch6") == {**after, "03": ["ch6"]}


def test_nobody_knows_a_new_replica_that_is_not_in_the_run():
    result = found({"ch1": server(*OLD), "ch5": FRESH})
    assert "03" not in known(result, "ch5") and "03" not in known(joined(result), "ch1")
    assert joined(result)["new"] == ["ch6"]


def test_without_new_replicas_it_is_that_of_the_model():
    model = cluster()
    assert remote_servers(model, found(everybody(FRESH)), "ch1") == model["remote_servers"]


def test_the_sources_are_the_members():
    result = found({**dict.fromkeys(OLD, server(*OLD)), "ch5": FRESH, "ch6": FRESH})
    listed = sources(cluster(), result)
    assert [item["name"] for item in listed] == list(OLD)
    assert listed[0] == {"host": "ch1", "port": 8123, "name": "ch1", "shard": "01"}
