# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Expressions of extra configuration that fail."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.expressions import (
    FREE,
    failures,
    validate_expressions,
)


def evaluate(text):
    return "wrong" if "x" in text else ""


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (None, []),
        ("", []),
        ("x", [""]),
        ({"a": 1, "b": None, "c": True, "e": "f", "x": "d"}, []),
        ({"a": {"b": "x", "c": "d"}, "e": ["x", {"f": "x"}, [["x"]]]}, ["a/b", "e/0", "e/1/f", "e/2/0/0"]),
    ],
)
def test_each_failure_has_its_place(content, places):
    assert list(failures(content, evaluate)) == [(place, "wrong") for place in places]


def test_hosts_with_the_same_failure_share_a_message():
    config, users = FREE
    found = {
        "ch1": {config: [("a/b", "E1"), ("c", "E2")], users: []},
        "ch2": {config: [("a/b", "E1")], users: [("", "E3")]},
    }
    errors = [(error.subject, error.check, error.found) for error in validate_expressions(found)]
    assert errors == [("ch1, ch2", config, "a/b: E1"), ("ch1", config, "c: E2"), ("ch2", users, "E3")]
    assert validate_expressions({}) == validate_expressions({"ch1": {config: []}}) == []
