# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The feature table."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import (
    FEATURES,
    RELEASES,
    config_root,
    has,
    missing,
    parse_version,
    validate_features,
)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("18.16.1", (18, 16)),
        ("18.16.1+ds-7.3+b2", (18, 16)),
        ("25.8.2.1-lts", (25, 8)),
        ("v24.8.1", (24, 8)),
        ("25.3", (25, 3)),
        (" 21.10.2.15\n", (21, 10)),
    ],
)
def test_versions(text, version):
    assert parse_version(text) == version


@pytest.mark.parametrize("text", ["", "18", "head", "1.1.54390", "18.161", None])
def test_anything_else_is_invalid(text):
    with pytest.raises(ValueError, match="is not a ClickHouse version"):
        parse_version(text)


@pytest.mark.parametrize(
    ("version", "root"),
    [("18.16.1", "yandex"), ("21.9.1", "yandex"), ("21.10.1", "clickhouse"), ("25.8.2.1", "clickhouse")],
)
def test_the_root_of_configuration_files(version, root):
    assert config_root(version) == root


def test_a_feature_begins_with_its_version():
    assert not has("24.7.9", "replicas_zookeeper_exception")
    assert has("24.8.1", "replicas_zookeeper_exception")


def test_an_unknown_feature_is_a_mistake_of_the_caller():
    with pytest.raises(KeyError):
        has("25.8.2.1", "time_travel")


# --- What a version does not have


def test_the_first_version_that_has_a_feature_is_named():
    assert missing("25.8.2.1", "collections_in_zookeeper") == ""
    assert missing("18.16.1", "collections_in_zookeeper") == "needs ClickHouse 24.7 or later; this is 18.16.1"


def test_a_feature_that_has_gone(monkeypatch):
    monkeypatch.setitem(FEATURES, "old_engine", ((18, 1), (20, 3)))
    assert missing("19.17.1", "old_engine") == ""
    assert missing("20.3.1", "old_engine") == "exists before ClickHouse 20.3 only; this is 20.3.1"


def test_a_variable_that_needs_a_feature():
    used = [
        ("clickhouse_a", "zookeeper", "collections_in_zookeeper"),
        ("clickhouse_b", "true", "access_in_zookeeper"),
    ]
    (error,) = validate_features("ch1", "24.3.1.2", used)
    assert error.sentence() == "ch1: clickhouse_a: zookeeper, which needs ClickHouse 24.7 or later; this is 24.3.1.2."


def test_every_feature_begins_with_a_version_and_ends_later():
    for name, (since, until) in FEATURES.items():
        assert (18, 16) <= since < (27, 1), name
        assert until is None or until > since, name


def test_the_releases_of_the_table_are_versions_in_their_order():
    numbers = [parse_version(release) for release in RELEASES]
    assert numbers == sorted(numbers)
    assert {name for name in FEATURES if not has("24.8", name)} == {
        "collections_encrypted",
        "collections_source",
        "ddl_liveness",
        "ddl_replicas_path",
        "users_several_methods",
        "workloads_in_zookeeper",
        "zookeeper_num_connection_retries",
        "zookeeper_path_acls",
    }
    # Later ones have everything.
    assert {name for name in FEATURES if not has("25.8", name)} == {"users_several_methods"}
    assert all(has("26.9", name) for name in FEATURES)
