# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Named collections in a file."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.named_collections import (
    collections_element,
    validate_collections,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.xml import to_xml

MIRROR = {"url": "https://example.com/", "password": "hidden <&>", "port": 443, "secure": True}
NAME = "a name of letters, digits, '_', '-' and '.', with a letter or '_' first"
VALUE = "a text, a number, true or false"


def errors(collections, version="25.8.1"):
    return [(error.found, error.expected) for error in validate_collections("ch1", version, collections)]


def test_valid_collections():
    assert errors({}, "18.16.1") == errors({"mirror": MIRROR, "other.1": {"a": ""}}) == []


def test_they_become_elements():
    text = to_xml("clickhouse", collections_element({"mirror": MIRROR}))
    assert "<named_collections>" in text and "<mirror>" in text
    assert "<password>hidden &lt;&amp;&gt;</password>" in text and "<secure>true</secure>" in text


def test_a_version_without_them():
    found = "named collections, which needs ClickHouse 21.12 or later; this is 18.16.1"
    assert errors({"mirror": MIRROR}, "18.16.1") == [(found, "")]


@pytest.mark.parametrize(
    ("collections", "found", "expected"),
    [
        ({"a b": MIRROR}, "a b", NAME),
        ({"mirror": "hidden"}, "mirror: a value of type str", "a dict of values"),
        ({"mirror": {}}, "mirror: nothing", "a dict of values"),
        ({"mirror": {"@attribute": "hidden"}}, "mirror: @attribute", NAME),
        ({"mirror": {"password": ["hidden"]}}, "mirror: password: a value of type list", VALUE),
        ({"mirror": {"password": None}}, "mirror: password: a value of type NoneType", VALUE),
        (
            {"mirror": {"password": "hidden\x01"}},
            "mirror: password: a character that XML cannot contain",
            "text without control characters",
        ),
    ],
)
def test_mistakes_and_no_values(collections, found, expected):
    assert errors(collections) == [(found, expected)] and "hidden" not in found
