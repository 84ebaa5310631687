# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The queue of ON CLUSTER statements."""

import pytest
from layout_world import DAY, DDL, HOSTS, ROOT, Znodes, details, modern, problems_of, statuses

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.znodes import Paths

ALL = [f"{host}:9000" for host in HOSTS]


def entry(znodes, number, age=3600, hosts=ALL, finished=ALL, active=(), initiator="ch1:9000"):
    path = f"{DDL}/query-{number:010}"
    listed = ",".join(f"'{host}'" for host in hosts)
    text = f"version: 1\nquery: CREATE DATABASE d UUID\\n\nhosts: [{listed}]\ninitiator: {initiator}\n"
    znodes.add(path, text, age=age).add(f"{path}/active", age=age).add(f"{path}/finished", age=age)
    for kind, items in (("finished", finished), ("active", active)):
        for host in items:
            znodes.add(f"{path}/{kind}/{host}", "0", age=age)
    return znodes


def test_literals_of_a_statement_are_not_repeated():
    text = "version: 1\nquery: CREATE USER u IDENTIFIED BY 'sesame'\nhosts: ['ch2:9000']\ninitiator: ch1:9000\n"
    (finding,) = details("ddl_stuck", Znodes().add(f"{DDL}/query-0000000000", text))
    assert finding.found.endswith(": CREATE USER u IDENTIFIED BY")


def test_finished_statements_are_no_problem():
    znodes = entry(entry(Znodes(), 0), 1, age=5, finished=ALL[:2])
    assert problems_of(znodes) == []
    # One request for the entry, one for each of its two children.
    assert sum(path.startswith(f"{ROOT}{DDL}/query-0000000000") for path in znodes.requests) == 3


def test_a_statement_that_blocks_later_ones_on_a_host_that_answers():
    znodes = entry(Znodes(), 0)
    for number in (1, 2, 3):
        entry(znodes, number, age=200, finished=[*ALL[:1], *ALL[2:]])
    assert problems_of(znodes) == [("ddl_stuck", "critical", f"ch2 {DDL}/query-0000000001")]
    (finding,) = details("ddl_stuck", znodes)
    assert finding.found == "unfinished for 200 s, not running, 2 later ones behind it: CREATE DATABASE d UUID\\n"
    assert "query-0000000001" in finding.hint and "absent" in finding.hint


def test_a_long_statement_alone_is_a_warning():
    znodes = entry(Znodes(), 0, finished=ALL[:3], active=ALL[3:])
    assert problems_of(znodes) == [("ddl_stuck", "warning", f"ch4 {DDL}/query-0000000000")]
    assert ", running, " in details("ddl_stuck", znodes)[0].found
    assert problems_of(znodes, ddl_stuck=4000) == []


def test_statements_that_wait_for_a_host_that_is_down_are_not_stuck():
    znodes = entry(entry(Znodes(), 0, finished=ALL[:3]), 1, finished=ALL[:3])
    assert problems_of(znodes, statuses(gone=["ch4"])) == [("servers", "critical", "ch4")]


def test_statements_that_wait_for_a_removed_host():
    znodes = entry(entry(Znodes(), 0, hosts=[*ALL, "ch9:9000"]), 1, hosts=[*ALL, "ch%2D9:9000"])
    assert problems_of(znodes) == [("ddl_host", "warning", "ch9"), ("ddl_host", "warning", "ch-9")]
    # What it finished before it was removed pins nothing.
    assert problems_of(entry(Znodes(), 0, hosts=[*ALL, "ch9:9000"], finished=[*ALL, "ch9:9000"])) == []


def test_another_cluster_in_the_same_queue():
    other = ["x1:9000", "x2:9000"]
    znodes = entry(Znodes(), 0, hosts=other, finished=other, initiator="x1:9000")
    assert problems_of(znodes) == [("ddl_cluster", "critical", "x1")]
    znodes = entry(Znodes(), 0, hosts=["x2:9000"], finished=[], initiator="")
    assert problems_of(znodes) == [("ddl_cluster", "critical", "x2")]


@pytest.mark.parametrize(("count", "found"), [(3, []), (4, [("ddl_length", "warning", DDL)])])
def test_too_many_statements(count, found):
    znodes = Znodes()
    for number in range(count):
        entry(znodes, number)
    assert problems_of(znodes, ddl_length=3) == found


def test_statements_that_are_too_old():
    znodes = entry(entry(Znodes(), 0, age=8 * DAY), 1, age=6 * DAY)
    assert problems_of(znodes) == [("ddl_age", "warning", DDL)]
    assert details("ddl_age", znodes)[0].found == "1 older entries: query-0000000000"


@pytest.mark.parametrize(
    "data", [b"", b"\xff\x00\xfe", b"version: 1\nquery: x", b"hosts: []\n", b"hosts: " + b"[" * 10**5]
)
def test_an_entry_that_cannot_be_read(data):
    znodes = Znodes().add(f"{DDL}/query-0000000000", data)
    assert problems_of(znodes) == [("ddl_entry", "warning", f"{DDL}/query-0000000000")]


def named(znodes, name, age):
    path = f"{DDL}/{name}"
    znodes.add(path, "version: 1\nquery: x\nhosts: ['ch1:9000']\ninitiator: ch1:9000\n", age=age)
    return znodes.add(f"{path}/active", age=age).add(f"{path}/finished/ch1:9000", age=age)


@pytest.mark.parametrize(
    ("name", "age", "severity", "found"),
    [
        # Created before the entries that 18.16 no longer sees.
        ("zzz", 7000, "critical", "it hides 2 later statements: query-0000000000, query-0000000001"),
        ("query-9999999999", 7000, "critical", "it hides 2 later statements: query-0000000000, query-0000000001"),
        # Created after them: the next one will be hidden.
        ("zzz", 60, "warning", "a foreign name"),
        ("query-0000000000-old", 60, "warning", "a foreign name"),
    ],
)
def test_a_name_that_hides_later_statements(name, age, severity, found):
    znodes = named(entry(entry(Znodes(), 0), 1), name, age)
    assert problems_of(znodes) == [("ddl_order", severity, f"{DDL}/{name}")]
    (finding,) = details("ddl_order", znodes)
    assert finding.found == found and f"{DDL}/{name}" in finding.hint and "restart all servers" in finding.hint


def test_modern_servers_register_for_the_queue():
    paths = Paths(ddl=DDL, ddl_replicas="/task_queue/replicas")
    znodes = Znodes()
    for host in HOSTS:
        znodes.add(f"/task_queue/replicas/{host}:9000/active", ephemeral=1)
    servers = statuses(changes={host: modern(host) for host in HOSTS})
    assert problems_of(znodes, servers, paths=paths) == []
    znodes.delete("/task_queue/replicas/ch3:9000/active").add("/task_queue/replicas/x1:9000/active", ephemeral=1)
    assert problems_of(znodes, servers, paths=paths) == [
        ("ddl_cluster", "critical", "/task_queue/replicas/x1:9000"),
        ("ddl_liveness", "critical", "/task_queue/replicas ch3"),
    ]
    # 18.16 does not register.
    assert problems_of(znodes, paths=paths) == [("ddl_cluster", "critical", "/task_queue/replicas/x1:9000")]
