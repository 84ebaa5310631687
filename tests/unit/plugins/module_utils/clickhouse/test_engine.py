# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The engine of a replicated table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.engine import engine_of, expand


def test_an_engine():
    text = (
        "ReplicatedMergeTree('/t/{shard}/it\\'s', '{replica}') ORDER BY id SETTINGS a = 5, b = 'x', granularity = 8192"
    )
    assert engine_of(text) == ("/t/{shard}/it\\'s", "{replica}", {"a": 5, "granularity": 8192})
    assert engine_of("ReplicatedMergeTree ORDER BY id") == ("", "", {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [("/t/{shard}/{table}", "/t/01/{table}"), ("{shard}{shard}", "0101"), ("{ shard }", "{ shard }"), ("", "")],
)
def test_macros_that_are_not_known_stay(text, expected):
    assert expand(text, {"shard": "01"}) == expected


@given(st.one_of(st.text(max_size=100), st.sampled_from(["'" * 9999, "x('" * 5000, "x('a', '" * 3000])))
def test_garbage_never_raises(text):
    path, replica, settings = engine_of(text)
    assert isinstance(path + replica, str) and all(isinstance(value, int) for value in settings.values())
    assert isinstance(expand(text, {"shard": "01"}), str)
