# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What ClickHouse 18.16 does with further clusters; the contract tests show what later versions do."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from clickhouse_server import NEEDS_PACKAGE, ClickHouse

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.clusters.extra import Login, extra_elements
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError, Server
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.xml import elements_to_xml

pytestmark = NEEDS_PACKAGE
# Nothing listens there.
CLOSED_PORT = 1
# The first byte of a connection with TLS.
HANDSHAKE = b"\x16"
QUERY = "SELECT host_name FROM system.clusters WHERE cluster = 'a'"


@pytest.fixture
def server(tmp_path):
    running = ClickHouse(tmp_path, CLOSED_PORT, "/", _answers)
    yield running
    running.stop()


def _answers(clickhouse):
    try:
        return asked(clickhouse).rows("SELECT 1 AS one") == [{"one": 1}]
    except ClickHouseError:
        return False


def asked(clickhouse):
    return Server("127.0.0.1", clickhouse.port)


def start(server, *replicas):
    """A server with a cluster of a shard for each of the replicas."""
    cluster = {"user": "u", "shards": [{"replicas": [replica]} for replica in replicas]}
    elements = extra_elements({"a": cluster}, {"replicas": []}, (), Login("", ""))
    server.write("zz", f"<remote_servers>{elements_to_xml(elements, 0)}</remote_servers>")
    server.start()


def first_byte(listener):
    """Of the first connection; further attempts are refused."""
    with listener.accept()[0] as connection:
        listener.close()
        return connection.recv(1)


def test_a_replica_with_tls(server):
    listener = socket.create_server(("127.0.0.1", 0))
    with ThreadPoolExecutor() as pool:
        start(server, {"host": "127.0.0.1", "port": listener.getsockname()[1], "secure": True})
        byte = pool.submit(first_byte, listener)
        with pytest.raises(ClickHouseError):
            asked(server).rows("SELECT * FROM cluster('a', system.one)")
        assert byte.result() == HANDSHAKE


def test_a_name_without_an_address_hides_all_clusters(server):
    start(server, {"host": "127.0.0.1"}, {"host": "nowhere.invalid"})
    with pytest.raises(ClickHouseError, match=r"Host not found: nowhere\.invalid"):
        asked(server).rows(QUERY)


def test_an_address_without_a_server_hides_none(server):
    start(server, {"host": "127.0.0.1"}, {"host": "192.0.2.1"})
    assert [row["host_name"] for row in asked(server).rows(QUERY)] == ["127.0.0.1", "192.0.2.1"]
