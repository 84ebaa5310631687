# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Endpoints of members."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import client_endpoints, endpoints


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("zk1", ("zk1", 2181)),
        ("zk1:2182", ("zk1", 2182)),
        (" zk1 ", ("zk1", 2181)),
        ("10.0.0.1:2181", ("10.0.0.1", 2181)),
        ("fd00::1", ("fd00::1", 2181)),
        ("[fd00::1]", ("fd00::1", 2181)),
        ("[fd00::1]:2182", ("fd00::1", 2182)),
    ],
)
def test_a_host_with_an_optional_port(text, endpoint):
    assert endpoints([text]) == [endpoint]


@pytest.mark.parametrize("text", ["", ":2181", "[]:2181", "zk1:x", "zk1:0", "zk1:65536", "zk1:-1", "[fd00::1]x"])
def test_anything_else_is_invalid(text):
    with pytest.raises(ValueError, match="is not a host with an optional port"):
        endpoints(["zk1", text])


@pytest.mark.parametrize("text", ["[fd00::1", "[fd00::1]2181", "zk1:", "zk1:²"])
def test_half_an_endpoint_is_invalid(text):
    with pytest.raises(ValueError, match="is not a host with an optional port"):
        endpoints([text])


def test_clients_try_the_previous_port_last():
    hosts = ["zk1:2199", "fd00::1"]
    assert client_endpoints({"hosts": hosts, "previous_port": 0}) == [("zk1", 2199), ("fd00::1", 2181)]
    assert client_endpoints({"hosts": hosts, "previous_port": 2181}) == [
        ("zk1", 2199),
        ("fd00::1", 2181),
        ("zk1", 2181),
    ]


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_previous_port_is_a_port(port):
    with pytest.raises(ValueError, match=f"previous_port: found {port}, expected a port, or 0 for none"):
        client_endpoints({"hosts": ["zk1"], "previous_port": port})


@given(st.text())
def test_garbage_is_invalid_with_value_error_alone(text):
    try:
        ((host, port),) = endpoints([text])
    except ValueError:
        return
    assert host and 0 < port < 65536
