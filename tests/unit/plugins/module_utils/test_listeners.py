# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which processes listen on ports, on this host."""

import socket

from ansible_collections.zoohouse.cluster.plugins.module_utils.listeners import listeners, parse_listening

TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0885 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100
   1: 0100007F:0885 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 20
"""


def test_only_listening_sockets_count():
    assert parse_listening(TABLE) == {"4711": 2181}


def test_a_port_of_this_process():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = listeners([port])
        assert list(found) == [port] and found[port]
    assert listeners([port]) == {}
