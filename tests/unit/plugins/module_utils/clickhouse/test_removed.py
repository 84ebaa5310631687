# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What tables use cannot be removed from the inventory."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.removed import (
    elements_elsewhere,
    find_removed,
    validate_removed,
)

SERVER = {
    "macros": {"cluster": "main", "shard": "01", "replica": "ch1", "layer": "a", "theirs": "x"},
    "used_macros": ["layer", "shard", "theirs"],
    "clusters": {
        "main": {"tables": ["demo.all"], "shards": []},
        "mirror": {"tables": ["demo.a", "demo.b", "demo.c", "demo.d"], "shards": []},
        "unknown": {"tables": ["demo.broken"], "shards": []},
    },
    "role_elements": {"macros": ["cluster", "layer", "replica", "shard"], "remote_servers": ["main", "mirror"]},
}
OWN = ("cluster", "shard", "replica")
NOTHING = {"macros": [], "remote_servers": []}


def test_nothing_is_removed():
    assert find_removed(SERVER, [*OWN, "layer"], ["main", "mirror"]) == NOTHING


def test_what_the_role_did_not_set_is_not_removed_by_it():
    assert find_removed({**SERVER, "role_elements": NOTHING}, OWN, ["main"]) == NOTHING


def test_what_no_table_uses_may_go():
    assert find_removed({**SERVER, "used_macros": ["shard"], "clusters": {}}, OWN, ["main"]) == NOTHING


def test_what_is_removed():
    assert find_removed(SERVER, OWN, ["main"]) == {"macros": ["layer"], "remote_servers": ["mirror"]}


def test_another_name_of_the_cluster_is_not_a_removed_one():
    """It is an error of topology_cluster."""
    assert find_removed(SERVER, [*OWN, "layer"], ["prod", "mirror"]) == NOTHING


def test_the_messages():
    removed = find_removed(SERVER, OWN, ["main"])
    macro, cluster = validate_removed("ch1", SERVER, removed, elements_elsewhere())
    assert (macro.check, macro.subject, macro.expected) == ("clickhouse_macros", "ch1", "layer: a")
    assert macro.found == "no macro layer, but replicated tables have it in their path"
    assert (cluster.check, cluster.expected) == ("clickhouse_extra_clusters", "mirror")
    assert cluster.found == ("no cluster mirror, but the Distributed tables demo.a, demo.b, demo.c and 1 more read it")


@pytest.mark.parametrize(
    ("configurations", "checks"),
    [
        ([{"macros": {"layer": "a"}}], ["clickhouse_extra_clusters"]),
        ([{}, {"macros": {"layer": "a"}, "remote_servers": {"mirror": {}}}], []),
        ([{"macros": None, "remote_servers": "text"}], ["clickhouse_macros", "clickhouse_extra_clusters"]),
    ],
)
def test_what_another_variable_sets_is_still_there(configurations, checks):
    removed = {"macros": ["layer"], "remote_servers": ["mirror"]}
    found = validate_removed("ch1", SERVER, removed, elements_elsewhere(*configurations))
    assert [error.check for error in found] == checks
