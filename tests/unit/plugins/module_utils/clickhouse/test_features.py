# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The feature table."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import (
    config_root,
    has,
    parse_version,
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
