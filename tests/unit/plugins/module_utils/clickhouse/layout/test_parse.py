# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Data of znodes: what ClickHouse writes, and anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.parse import (
    fields_of,
    host_of,
    name_of_file,
    node_of,
    number_of,
    quoted,
    text_of,
)

# Truncated, binary, huge, other encodings.
CAPTURED = [
    b"host: ch1\nport: 9009\ntcp_port: 9000\ndatabase: d\ntable: t\nscheme: http\n",
    b"version: 1\nquery: CREATE DATABASE d\nhosts: ['ch1:9000','ch2:9000']\ninitiator: ch1:9000\n",
    b'{"version":1,"address":"ch1:9000","shard_id":1}',
]
GARBAGE = st.one_of(
    st.none(),
    st.binary(max_size=100),
    st.text(max_size=50).map(lambda text: text.encode("utf-16", "surrogatepass")),
    st.sampled_from([b"9" * 5000, b"-" * 10000, b"[" * 100000, b"'" * 9999, b"\xff" * 99999, b'{"address":' * 999]),
    st.tuples(st.sampled_from(CAPTURED), st.integers(0, 80)).map(lambda pair: pair[0][: pair[1]]),
)


@given(GARBAGE)
def test_garbage_is_empty_and_never_an_exception(data):
    text = text_of(data)
    assert all(isinstance(value, str) for value in fields_of(data).values())
    assert isinstance(number_of(data), (int, type(None)))
    assert isinstance(host_of(text), str) and isinstance(quoted(text), tuple)
    host, shard = node_of(data)
    assert isinstance(host, str) and isinstance(shard, (int, type(None)))
    assert isinstance(name_of_file(text), str)


def test_what_clickhouse_writes():
    assert fields_of(CAPTURED[0])["host"] == "ch1" and fields_of(CAPTURED[0])["port"] == "9009"
    assert quoted(fields_of(CAPTURED[1])["hosts"]) == ("ch1:9000", "ch2:9000")
    assert node_of(CAPTURED[2]) == ("ch1", 1)
    assert (number_of(b"4"), number_of(b""), number_of(b"4x"), number_of(None)) == (4, None, None, None)


@pytest.mark.parametrize(
    ("host_id", "host"),
    [("ch1:9000", "ch1"), ("ch%2D1%2Eexample:9000", "ch-1.example"), ("ch1", "ch1"), ("fd00::1", "fd00:"), ("", "")],
)
def test_the_host_of_an_id(host_id, host):
    assert host_of(host_id) == host


def test_files():
    assert name_of_file("function_a%2Db.sql", "function_") == "a-b"
    assert name_of_file("other", "function_") == "" and name_of_file("a.sql") == "a"
