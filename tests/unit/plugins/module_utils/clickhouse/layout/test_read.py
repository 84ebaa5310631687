# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Members that are worth a session. The rest is tested with the module."""

import pytest
from helpers import member_endpoints, tcp_server

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.read import serving_members
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import endpoints
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.znode import ZnodeError


def test_only_members_that_serve_are_used():
    with member_endpoints(("healthy", "zk1"), ("quorum_lost", "zk1"), ("healthy", "zk3")) as hosts:
        first, _second, third = endpoints(hosts)
        assert serving_members(endpoints(hosts), 2) == [first, third]


def test_a_member_that_does_not_tell_is_tried():
    answer = b"srvr is not executed because it is not in the whitelist."
    with tcp_server(lambda word, connection: connection.sendall(answer)) as member:
        assert serving_members([member], 2) == [member]


def test_without_a_member_that_serves_there_is_no_session_to_wait_for():
    with member_endpoints(("quorum_lost", "zk1")) as hosts, pytest.raises(ZnodeError, match=r": not serving$"):
        serving_members(endpoints(hosts), 2)
    with tcp_server(lambda word, connection: None) as member:
        pass
    with pytest.raises(ZnodeError, match=r"^no member is serving: .*refused"):
        serving_members([member], 2)
