# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ports with TLS, which a replica may have."""

import pytest
from helpers import errors, inventory, model_of

HTTPS, SECURE = "clickhouse_https_port", "clickhouse_tcp_secure_port"


def replica(**ports):
    return model_of(inventory({"ch1": ports}))["cluster"]["replicas"][0]


def test_ports_with_tls():
    assert (replica()["https_port"], replica()["tcp_secure_port"]) == (0, 0)
    found = replica(**{HTTPS: "8443", SECURE: 9440})
    assert (found["https_port"], found["tcp_secure_port"]) == (8443, 9440)


@pytest.mark.parametrize(
    ("ports", "variables"),
    [
        ({HTTPS: 8123}, "clickhouse_http_port and clickhouse_https_port"),
        ({HTTPS: 9440, SECURE: 9440}, "clickhouse_https_port and clickhouse_tcp_secure_port"),
        ({"ansible_host": "10.0.0.11", SECURE: 2181}, "zookeeper_client_port and clickhouse_tcp_secure_port"),
        ({HTTPS: -1}, HTTPS),
        ({SECURE: 65536}, SECURE),
    ],
)
def test_a_port_is_used_once_and_valid(ports, variables):
    """Also beside a member on the same machine."""
    assert [error[0] for error in errors(model_of(inventory({"ch1": ports})))] == [variables]
