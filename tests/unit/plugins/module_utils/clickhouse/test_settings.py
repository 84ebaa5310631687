# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The table of named settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import FEATURES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.settings import (
    BOOL,
    FRAGMENTS,
    NUMBER,
    RANGE,
    SECTIONS,
    SERVER,
    TEXT,
    ZOOKEEPER,
    Setting,
    choice,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.xml import to_xml

ALL = [(variable, key, setting) for variable, (_section, table) in SECTIONS.items() for key, setting in table.items()]


@pytest.mark.parametrize(("variable", "key", "setting"), ALL, ids=[key for _variable, key, _setting in ALL])
def test_every_setting_has_a_known_fragment_and_feature(variable, key, setting):
    assert setting.fragment in FRAGMENTS
    assert setting.feature in {*FEATURES, ""}


def test_what_fragments_need_to_be_reloaded_are_features():
    assert {feature for feature in FRAGMENTS.values() if feature} <= set(FEATURES)


def test_no_element_is_set_by_two_settings():
    paths = [
        f"{section}/{setting.path or key}" for section, table in SECTIONS.values() for key, setting in table.items()
    ]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize(
    ("setting", "valid", "invalid", "expected"),
    [
        (
            Setting("f", minimum=1),
            [1, "77", 2**40],
            [0, -1, "many", 1.5, True, None, [], ""],
            "a whole number of at least 1",
        ),
        (Setting("f", maximum=9), [0, 9], [10], "a whole number of at least 0 and at most 9"),
        (
            Setting("f", NUMBER, "", 0.01, 1),
            [0.5, "0.7", 1],
            [0, 2, "1e-1", float("nan")],
            "at least 0.01 and at most 1",
        ),
        (Setting("f", BOOL), [True, False], [1, "yes", None], "true or false"),
        (Setting("f", TEXT), ["a", 1], ["", "a\x01", "a\nb", ["a"], {}], "a text"),
        (choice("f", ("a", "b")), ["a"], ["A", "ab", ""], "one of a, b"),
        (
            Setting("f", RANGE, minimum=1),
            [{"min": 1, "max": 2}, {"min": "3", "max": 3}],
            [{"min": 1}, {"min": 0, "max": 1}, {"min": 3, "max": 2}, {"min": 1, "max": 2, "x": 3}, 5, None],
            "a dict with min and max",
        ),
    ],
)
def test_values(setting, valid, invalid, expected):
    assert [setting.problem(value) for value in valid] == [""] * len(valid)
    for value in invalid:
        assert expected in setting.problem(value), value


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.integers())))
def test_whatever_is_valid_can_be_written_as_xml(value):
    for _variable, key, setting in ALL:
        if not setting.problem(value):
            to_xml("clickhouse", {key: value})


@pytest.mark.parametrize("value", ["/a/{uuid}", "/a & b/{shard}/{uuid}"])
def test_paths_of_replicas_contain_macros(value):
    assert not SERVER["default_replica_path"].problem(value)
    assert SERVER["default_replica_path"].problem("/a") == "a path with macros such as {uuid}"


def test_the_policies_of_the_client_of_zookeeper():
    assert "one of first_or_random, " in ZOOKEEPER["zookeeper_load_balancing"].problem("randomly")
