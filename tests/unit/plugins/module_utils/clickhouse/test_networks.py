# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Networks in a form that every ClickHouse version understands."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.networks import network_pattern


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("10.0.0.0/8", "10.0.0.0/255.0.0.0"),
        ("10.1.2.3/8", "10.0.0.0/255.0.0.0"),
        ("10.0.0.0/255.255.0.0", "10.0.0.0/255.255.0.0"),
        ("0.0.0.0/0", "0.0.0.0/0.0.0.0"),
        ("10.0.0.7", "10.0.0.7"),
        ("10.0.0.7/32", "10.0.0.7"),
        ("::/0", "::/0"),
        ("FD00::/8", "fd00::/8"),
        (" ::1 ", "::1"),
    ],
)
def test_a_network_is_written_so_that_it_means_itself(text, pattern):
    assert network_pattern(text) == pattern


@pytest.mark.parametrize("text", ["", "10.0.0.0/33", "10.0.0", "host", "10.0.0.0/8/8", "<ip>", "::/129"])
def test_what_is_no_network_is_nothing(text):
    assert network_pattern(text) == ""


@given(st.ip_addresses(v=4), st.integers(1, 32))
def test_an_ipv4_pattern_never_has_a_prefix_length(address, prefix):
    _address, _slash, mask = network_pattern(f"{address}/{prefix}").partition("/")
    assert mask == "" or (ipaddress.ip_network(f"0.0.0.0/{mask}").prefixlen == prefix and "." in mask)


@given(st.text())
def test_garbage_never_raises(text):
    assert isinstance(network_pattern(text), str)
