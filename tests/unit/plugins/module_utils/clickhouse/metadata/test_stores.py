# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The table of metadata in ZooKeeper, and its paths."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import FEATURES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.options import layout_options
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.stores import (
    STORES,
    absolute,
    chosen_paths,
    layout_paths,
    overlaps,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.elements import PLACE
from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.entry import RESERVED, ROOT
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.lock import RESTART_LOCK

EVERYTHING = {key: {} for key in STORES}
DDL = {"clickhouse_ddl_path": "/task_queue/ddl"}
COMPONENT = st.sampled_from(["a", "b", "ab", "main", *STORES])
# Names of clusters, and chroots that preflight accepts.
CLUSTERS = st.sampled_from(["a", "b", "main", "main-2", "config-2"])
SCHEMA = "/zoohouse/schema"
CHROOTS = st.lists(COMPONENT, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))


def cluster(root, stores=None, name=""):
    """Absolute paths of a cluster with everything in ZooKeeper. name: of one whose replicas the discovery registers."""
    own = {"clickhouse_schema": SCHEMA, "clickhouse_shared_config": PLACE}
    paths = {**DDL, **own, **chosen_paths(EVERYTHING if stores is None else stores)}
    registry = {"the registry": f"{ROOT}/{name}"} if name else {}
    return {**registry, **{name: absolute(root, path) for name, path in paths.items()}}


def below(path, other):
    return f"{path}/".startswith(f"{other}/")


def test_every_row_is_complete_and_known():
    settings = [setting for store in STORES.values() for setting in store.settings]
    assert len(settings) == len(set(settings))
    for key, store in STORES.items():
        assert store.key == key and store.feature in FEATURES and store.content
        assert not store.layout or store.layout in layout_options()


def test_the_paths_of_one_cluster_do_not_meet():
    assert list(overlaps({"main": cluster("/clickhouse/main")})) == []
    assert list(overlaps({"main": cluster("/", name="main")})) == []


@given(CHROOTS, CHROOTS, CLUSTERS, CLUSTERS)
def test_the_paths_of_two_clusters_with_names_and_chroots_of_their_own_do_not_meet(one, other, first, second):
    assume(first != second and not below(one, other) and not below(other, one))
    assert list(overlaps({"one": cluster(one, name=first), "other": cluster(other, name=second)})) == []


@given(CHROOTS, CHROOTS, CLUSTERS)
def test_two_clusters_of_the_same_name_share_their_registry(one, other, name):
    assume(not below(one, other) and not below(other, one))
    found = list(overlaps({"one": cluster(one, name=name), "other": cluster(other, name=name)}))
    assert found == [("one: the registry", f"{ROOT}/{name}", "other: the registry", f"{ROOT}/{name}")]


@pytest.mark.parametrize("path", [RESTART_LOCK, SCHEMA, PLACE])
def test_a_cluster_cannot_have_the_name_of_what_is_beside_its_registry(path):
    """The schema and the shared configuration are there when the chroot is the root of the ensemble."""
    name = path.removeprefix(f"{ROOT}/").partition("/")[0]
    assert name in RESERVED
    assert path == RESTART_LOCK or len(list(overlaps({"main": cluster("/", name=name)}))) == 1


@given(CHROOTS, CHROOTS)
def test_overlaps_are_found_wherever_a_path_is_or_contains_another(one, other):
    first, second = cluster(one), cluster(other)
    meets = any(below(a, b) or below(b, a) for a in first.values() for b in second.values())
    assert bool(list(overlaps({"one": first, "other": second}))) is meets


@pytest.mark.parametrize("key", STORES)
def test_two_clusters_on_the_same_path_are_named(key):
    """Without a chroot of their own, for example."""
    one, other = (cluster("/", {key: {"path": "/same"}}) for _n in range(2))
    found = [item for item in overlaps({"one": one, "other": other}) if "clickhouse" not in item[0]]
    assert found == [(f"one: {key}", "/same", f"other: {key}", "/same")]


def test_a_path_of_ones_own_counts():
    stores = {"functions": {"path": "/udf/"}, "workloads": {"path": "/limits"}, "backups": {}}
    assert chosen_paths(stores) == {"functions": "/udf/", "workloads": "/limits", "backups": "/backups"}
    assert cluster("/x/", stores)["functions"] == "/x/udf"


def test_the_layout_check_looks_where_the_servers_store():
    assert layout_paths({}) == {store.layout: "" for store in STORES.values() if store.layout}
    found = layout_paths({"functions": {"path": "/udf"}, "workloads": {}})
    assert {name: path for name, path in found.items() if path} == {"functions_path": "/udf"}
