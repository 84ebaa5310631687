# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Server lines, as zoo.cfg and the four-letter word conf have them."""

import pytest
from helpers import words
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.membership import (
    Server,
    parse_servers,
    server_lines,
)


def test_the_members_that_a_running_member_reports():
    assert server_lines(parse_servers(words("healthy")["conf"]).values()) == (
        "server.1=zk1:2888:3888, server.2=zk2:2888:3888, server.3=zk3:2888:3888"
    )


@pytest.mark.parametrize(
    ("line", "server"),
    [
        ("server.1=zk1:2888:3888", Server(1, "zk1", 2888, 3888)),
        (" server.2 = 10.0.0.2:2888:3888 ", Server(2, "10.0.0.2", 2888, 3888)),
        ("server.3=[fd00::3]:2888:3888:participant;2181", Server(3, "fd00::3", 2888, 3888)),
        ("server.4=zk4:2888:3888:observer;0.0.0.0:2181", Server(4, "zk4", 2888, 3888)),
        ("server.5=zk5:2888:3888|zk5b:2889:3889", Server(5, "zk5", 2888, 3888)),
        ("server.6=nonsense", Server(6, "nonsense")),
    ],
)
def test_a_server_line(line, server):
    assert parse_servers(f"tickTime=2000\n{line}\n# server.9=x:1:2\n") == {server.id: server}


def test_a_line_is_written_as_zoo_cfg_has_it():
    assert str(Server(3, "fd00::3", 2888, 3888)) == "server.3=[fd00::3]:2888:3888"
    assert str(Server(6, "a:b")) == "server.6=a:b"


@given(st.text())
def test_garbage_never_raises(text):
    parse_servers(text)
    parse_servers(f"server.1={text}")
