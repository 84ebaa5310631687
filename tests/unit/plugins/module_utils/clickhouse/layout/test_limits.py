# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The limits of the layout: what is at its limit is healthy, and each can be changed and disabled."""

import pytest
from layout_world import DAY, DDL, HITS, HOSTS, Znodes, details, problems_of, world

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.check import check_layout
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import chosen


def statement(znodes, number, age, finished=HOSTS):
    path = f"{DDL}/query-{number:010}"
    hosts = ",".join(f"'{host}:9000'" for host in HOSTS)
    znodes.add(path, f"query: x\nhosts: [{hosts}]\ninitiator: ch1:9000\n", age=age)
    for host in finished:
        znodes.add(f"{path}/finished/{host}:9000", "0", age=age)
    return znodes


def statements(count):
    znodes = Znodes()
    for number in range(count):
        statement(znodes, number, 10)
    return znodes


# A tree in which the value of the check is the number, in its unit. Tables keep 10,000 entries and 50 blocks.
TREES = {
    "log_lag": lambda value: Znodes().add(f"{HITS}/log", children=9000, created=int(4 + 100 * value)),
    "quorum": lambda value: Znodes().add(f"{HITS}/quorum/parallel/1_1_1_0", age=value),
    "blocks": lambda value: Znodes().add(f"{HITS}/blocks", children=int(50 * value)),
    "ddl_length": lambda value: statements(int(value)),
    "ddl_age": lambda value: statement(Znodes(), 0, value * DAY),
    "ddl_stuck": lambda value: statement(Znodes(), 0, value, HOSTS[:3]),
}


def found(name, znodes, **limits):
    return [item for item in problems_of(znodes, **limits) if item[0] == name]


def test_every_limit_is_tested():
    assert {*TREES, "settle_time"} == set(DEFAULTS)


@pytest.mark.parametrize("name", TREES)
def test_a_value_at_its_limit_and_one_beyond(name):
    limit = int(DEFAULTS[name].limit)
    assert found(name, TREES[name](limit)) == []
    assert found(name, TREES[name](limit + 1)) != []
    assert found(name, TREES[name](limit + 1), **{name: limit + 1}) == []
    assert found(name, TREES[name](3), **{name: 2}) != []


@pytest.mark.parametrize("name", TREES)
def test_a_finding_says_what_is_expected_and_why(name):
    for item in details(name, TREES[name](3), **{name: 2}):
        assert item.expected == chosen(DEFAULTS, {name: 2})[name].expected
        assert DEFAULTS[name].hint in item.hint and DEFAULTS[name].source in item.hint
        assert "{" not in item.hint.partition("(Source")[0]
        assert ("zookeeper_znode" in item.hint) == (name in ("ddl_age", "ddl_stuck"))


@pytest.mark.parametrize("name", TREES)
def test_a_check_that_is_disabled_is_not_reported_as_healthy(name):
    checked, _orphans = check_layout(world(TREES[name](10**4 if name != "ddl_length" else 5), **{name: None}), "", 20)
    assert name not in {item.check for item in checked}
    checked, _orphans = check_layout(world(Znodes()), "", 20)
    assert name in {item.check for item in checked}


@pytest.mark.parametrize(
    ("age", "limits", "settled"),
    [(30, {}, False), (90, {}, True), (90, {"settle_time": 100}, False), (1, {"settle_time": None}, True)],
)
def test_what_has_not_settled_is_not_reported(age, limits, settled):
    lost = Znodes().add(f"{HITS}/replicas/ch2/is_lost", "1", age=age)
    assert problems_of(lost, **limits) == ([("is_lost", "critical", f"{HITS}/replicas/ch2")] if settled else [])
    orphan = Znodes().add("/tables/01/x", age=age).copy(f"{HITS}/metadata", "/tables/01/x/metadata")
    for part in ("columns", "log", "blocks", "block_numbers", "replicas", "quorum", "mutations"):
        orphan.add(f"/tables/01/x/{part}", age=age)
    expected = [("orphan_table", "critical", "/tables/01/x")] if settled else []
    assert problems_of(orphan, **limits) == expected
