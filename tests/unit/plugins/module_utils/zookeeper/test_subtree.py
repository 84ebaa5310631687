# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Totals, the largest znodes and the data of a subtree."""

import base64
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.subtree import Summary, as_data
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.walk import Znode


def znode(path, data=b"", children=0, owner=0):
    stat = SimpleNamespace(numChildren=children, ephemeralOwner=owner, version=2, ctime=1500, mtime=2500)
    return Znode(path, data, stat)


def summary(znodes, limit=10, max_bytes=100, top=2):
    made = Summary(limit, max_bytes, top)
    made.add(znodes)
    return made.results()


def test_totals():
    result = summary([znode("/a", b"12", children=1), znode("/a/b", b"345", owner=7), znode("/c", None)])
    assert (result["znodes"], result["bytes"], result["ephemerals"]) == (3, 5, 1)


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(0, 5))
def test_the_largest_znodes_and_the_parents_with_most_children(sizes, top):
    result = summary([znode(f"/{index}", b"x" * size, size) for index, size in enumerate(sizes)], top=top)
    expected = sorted((size for size in sizes if size), reverse=True)[:top]
    assert [item["bytes"] for item in result["largest"]] == expected
    assert [item["children"] for item in result["most_children"]] == expected


def test_no_more_znodes_than_the_limit_are_returned_and_it_says_so():
    result = summary([znode(f"/{number}") for number in range(3)], limit=2)
    assert (list(result["tree"]), result["truncated"], result["znodes"]) == (["/0", "/1"], True, 3)
    assert summary([znode("/0")], limit=1)["truncated"] is False


@pytest.mark.parametrize(
    ("data", "encoding", "value"),
    [
        (b"", "utf-8", ""),
        (None, "utf-8", ""),
        (b"plain", "utf-8", "plai"),
        ("żółw".encode(), "utf-8", "żó"),
        ("€€".encode(), "utf-8", "€"),
        (b"\xff\xfe\x00\x01\x02", "base64", base64.b64encode(b"\xff\xfe\x00\x01").decode()),
    ],
)
def test_data_is_text_where_it_is_text_and_is_cut_between_characters(data, encoding, value):
    result = as_data(znode("/a", data), 4)
    assert (result["encoding"], result["data"], result["bytes"]) == (encoding, value, len(data or b""))


def test_a_znode_as_data():
    assert as_data(znode("/a", b"x", 3, 0x1F), 4) == {
        "data": "x",
        "encoding": "utf-8",
        "bytes": 1,
        "children": 3,
        "ephemeral_owner": "0x1f",
        "version": 2,
        "created": 1.5,
        "modified": 2.5,
    }
