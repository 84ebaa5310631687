# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which commands lead from the servers that HAProxy has to those that it should have."""

from dataclasses import replace

from haproxy_answers import STATE, STATISTICS

from ansible_collections.zoohouse.cluster.plugins.module_utils.balancer.runtime import Row, parse_rows
from ansible_collections.zoohouse.cluster.plugins.module_utils.balancer.servers import (
    Wanted,
    commands,
    unwanted_servers,
    wanted_servers,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.balancer.settings import Settings
from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.entry import Entry

BACKENDS = [
    {"name": "any_http", "shard": "", "port": "http", "options": "check", "hosts": ["ch1"]},
    {"name": "shard_02_native", "shard": "02", "port": "tcp", "options": "check", "hosts": []},
]
SETTINGS = Settings("main", ["zk1:2181"], BACKENDS, "/socket", "/state")
PORTS = {"http": 8123, "tcp": 9000, "interserver": 9009, "check": 9180}
KEY = ("any_http", "ch2")
WANTED = Wanted("10.0.0.2", 8123, 8123, 9180, "check", True)
ROW = Row("10.0.0.2", 8123, 8123, "10.0.0.2", 9180)


def entry(host, shard="01", state="up"):
    return Entry("main", shard, host, host, (host,), PORTS, state=state)


def entries(*items):
    return {f"/zoohouse{item.path}": item for item in items}


def test_an_entry_is_wanted_where_its_shard_is():
    found = entries(entry("ch1"), entry("ch2"), entry("ch3", "02", "draining"), entry("ch4"))
    addresses = {path: "10.0.0.2" for path in found if not path.endswith("ch4")}
    wanted = wanted_servers(SETTINGS, found, addresses)
    # Not ch1, which haproxy.cfg has, and not ch4, whose address nobody knows.
    assert set(wanted) == {KEY, ("any_http", "ch3"), ("shard_02_native", "ch3")}
    assert wanted[("shard_02_native", "ch3")] == Wanted("10.0.0.2", 9000, 8123, 9180, "check", False)


def test_what_is_not_wanted_was_added_earlier():
    rows = {KEY: ROW, ("any_http", "ch1"): ROW, ("any_http", "ch9"): ROW, ("other", "x"): ROW}
    assert unwanted_servers(SETTINGS, {KEY: WANTED}, rows) == {("any_http", "ch9")}


def test_a_server_is_added_and_left_alone_afterwards():
    assert list(commands({KEY: WANTED}, {}, ())) == [
        "add server any_http/ch2 10.0.0.2:8123 check port 8123 agent-addr 10.0.0.2 agent-port 9180",
        "enable agent any_http/ch2",
        "enable health any_http/ch2",
        "set server any_http/ch2 state ready",
    ]
    assert list(commands({KEY: WANTED}, {KEY: ROW}, ())) == []
    assert list(commands({KEY: WANTED}, {KEY: replace(ROW, maintenance=True)}, ())) == []


def test_a_server_that_takes_nothing_yet_gets_no_share():
    assert list(commands({KEY: replace(WANTED, takes_queries=False)}, {}, ()))[1] == "set server any_http/ch2 weight 0%"


def test_an_address_with_colons():
    added = next(commands({KEY: replace(WANTED, address="fd00::2")}, {}, ()))
    assert " [fd00::2]:8123 " in added and added.endswith(" agent-addr fd00::2 agent-port 9180")


def test_a_server_that_has_moved():
    assert list(commands({KEY: WANTED}, {KEY: Row("10.0.0.9", 8124, 8124, "10.0.0.9", 9181)}, ())) == [
        "set server any_http/ch2 addr 10.0.0.2 port 8123",
        "set server any_http/ch2 check-port 8123",
        "set server any_http/ch2 agent-addr 10.0.0.2 port 9180",
    ]


def test_a_server_is_removed_when_its_last_session_has_ended():
    assert list(commands({}, {KEY: ROW}, {KEY})) == [
        "disable agent any_http/ch2",
        "set server any_http/ch2 state drain",
    ]
    drained = replace(ROW, agent=False, draining=True, sessions=1)
    assert list(commands({}, {KEY: drained}, {KEY})) == []
    assert list(commands({}, {KEY: replace(drained, sessions=0)}, {KEY})) == [
        "set server any_http/ch2 state maint",
        "del server any_http/ch2",
    ]
    # It has come back before.
    assert list(commands({KEY: WANTED}, {KEY: drained}, ()))[-1] == "set server any_http/ch2 state ready"


def test_a_server_whose_agent_says_that_it_is_healthy_is_kept_unless_it_has_moved():
    healthy = replace(ROW, agent_answers=True)
    assert list(commands({}, {KEY: healthy}, {KEY})) == []
    moved = {("shard_02_native", "ch2"): WANTED}
    found = list(commands(moved, {KEY: healthy, ("shard_02_native", "ch2"): ROW}, {KEY}))
    assert found[-1] == "set server any_http/ch2 state drain"


def test_what_haproxy_prints():
    rows = parse_rows(STATE, STATISTICS)
    assert rows[("any_http", "ch1")] == Row("127.0.0.1", 18123, 0, "-", 19180, sessions=3, agent_answers=True)
    assert rows[KEY] == replace(ROW, draining=True, agent=False)
