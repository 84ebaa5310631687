# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Entries of the registry and their JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.entry import (
    PORTS,
    SCHEMA,
    Entry,
    EntryError,
    decode,
    decode_at,
    encode,
    name_problem,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.states import REGISTERED

NUMBERS = dict(zip(PORTS, (8123, 9000, 9009, 9180)))
ENTRY = Entry("main", "01", "ch1", "ch1", ("ch1", "10.0.0.21"), NUMBERS, "18.16.1", 100, "up", "")
texts = st.text()
entries = st.builds(
    Entry,
    cluster=texts,
    shard=texts,
    replica=texts,
    host=texts,
    addresses=st.lists(st.text(min_size=1), min_size=1).map(tuple),
    ports=st.fixed_dictionaries(dict.fromkeys(PORTS, st.integers(1, 65535))),
    version=texts,
    weight=st.integers(1, 256),
    state=st.sampled_from(REGISTERED),
    reason=texts,
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(entries)
def test_an_entry_survives_its_znode(entry):
    assert decode(encode(entry)) == entry


def test_the_form_of_an_entry():
    assert json.loads(encode(ENTRY)) == {
        "schema": 1,
        "cluster": "main",
        "shard": "01",
        "replica": "ch1",
        "host": "ch1",
        "addresses": ["ch1", "10.0.0.21"],
        "ports": NUMBERS,
        "version": "18.16.1",
        "weight": 100,
        "state": "up",
        "reason": "",
    }


@given(st.binary() | anything.map(lambda value: json.dumps(value).encode()))
def test_foreign_data_is_an_error_and_nothing_else(data):
    with pytest.raises(EntryError):
        decode(data)


@given(st.sampled_from([*json.loads(encode(ENTRY)), "more"]), anything)
def test_an_entry_with_one_other_value_is_an_entry_or_an_error(name, value):
    try:
        entry = decode(json.dumps({**json.loads(encode(ENTRY)), name: value}).encode())
    except EntryError:
        return
    assert decode(encode(entry)) == entry


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("schema", SCHEMA + 1, "schema 2, expected 1"),
        ("state", "down", "state 'down', expected one of up, lagging, readonly, draining"),
        ("addresses", [], "addresses: expected"),
        ("ports", {"http": 8123}, "ports: expected"),
        ("weight", 0, "weight: expected"),
        ("weight", True, "weight: expected"),
        ("host", None, "host: expected a text"),
    ],
)
def test_the_error_says_what_is_wrong(name, value, message):
    with pytest.raises(EntryError, match=message):
        decode(json.dumps({**json.loads(encode(ENTRY)), name: value}).encode())


def test_keys_that_this_version_does_not_know_are_ignored():
    assert decode(json.dumps({**json.loads(encode(ENTRY)), "rack": "a"}).encode()) == ENTRY


def test_an_entry_at_the_path_of_another_one_is_foreign():
    assert ENTRY.path == "/main/01/ch1"
    assert decode_at("/zoohouse/main/01/ch1", encode(ENTRY)) == ENTRY
    assert decode_at("/main/01/ch1", encode(ENTRY), root="/") == ENTRY
    with pytest.raises(EntryError, match="the entry of /main/01/ch1"):
        decode_at("/zoohouse/main/01/ch2", encode(ENTRY))


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\nb"])
def test_a_name_that_is_no_part_of_a_path(name):
    assert name_problem(name)


@pytest.mark.parametrize("name", ["01", "ch1", "a.b", "Ünïcode", "with space"])
def test_a_name_that_is_part_of_a_path(name):
    assert name_problem(name) == ""
