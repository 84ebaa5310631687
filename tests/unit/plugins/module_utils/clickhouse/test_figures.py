# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The figures of a replica, from captured answers."""

import json
from dataclasses import replace

import pytest
from helpers import CAPTURED, http_server
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.figures import (
    NEWER_QUERIES,
    QUERIES,
    Figures,
    check_figures,
    read_figures,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import Server
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.status import ReplicaStatus
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.summary import summaries
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, WARNING, problems
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import chosen

TABLE = {
    "database": "demo",
    "table": "hits",
    "absolute_delay": 3,
    "is_readonly": 0,
    "future_parts": 0,
    "parts_to_check": 0,
    "queue_size": 2,
    "inserts_in_queue": 0,
    "log_lag": 1,
}


def captured():
    """Of a replica of the lab without replicated tables."""
    folder = CAPTURED / "clickhouse" / "figures"
    return {name: json.loads((folder / f"{name}.200.txt").read_text())["data"] for name in QUERIES}


def figures(**rows):
    return Figures("ch1", {**captured(), "tables": [TABLE], **rows})


def bad(status, cluster="main", **limits):
    found = problems(check_figures(status, chosen(DEFAULTS, limits), cluster))
    assert all(finding.hint for finding in found)
    return [(finding.check, finding.severity, finding.subject, finding.found) for finding in found]


def test_a_healthy_replica():
    assert bad(figures()) == []
    checks = {finding.check for finding in check_figures(figures(), chosen(DEFAULTS, {}), "main")}
    assert {"cluster", "zookeeper_sessions", "queue_size", "log_lag"} <= checks


@pytest.mark.parametrize(
    ("column", "limit"),
    [("future_parts", 20), ("parts_to_check", 10), ("queue_size", 20), ("inserts_in_queue", 10), ("log_lag", 10)],
)
def test_the_limits_of_a_table(column, limit):
    assert bad(figures(tables=[{**TABLE, column: limit}])) == []
    ((check, severity, subject, found),) = bad(figures(tables=[{**TABLE, column: limit + 1}]))
    assert (check, severity, subject) == (column, WARNING, "ch1 demo.hits")
    assert found.startswith(f"{limit + 1} ")
    assert bad(figures(tables=[{**TABLE, column: limit + 1}]), **{column: None}) == []


@pytest.mark.parametrize(
    ("rows", "check"),
    [
        ({"metrics": [{"name": "ZooKeeperSession", "number": 2}]}, "zookeeper_sessions"),
        ({"parts": [{"database": "d", "table": "t", "partition": "p", "parts": 101}]}, "parts_per_partition"),
        ({"queue": [{"tries": 101, "postponed": 0}]}, "queue_tries"),
        ({"queue": [{"tries": 0, "postponed": 1001}]}, "queue_postponed"),
    ],
)
def test_the_limits_of_a_server(rows, check):
    assert [item[:3] for item in bad(figures(**rows))] == [(check, WARNING, "ch1")]


def clusters(*local):
    return [
        {
            "cluster": "main",
            "shard_num": shard,
            "host_name": f"ch{shard}",
            "port": 9000,
            "is_local": int(shard in local),
        }
        for shard in (1, 2)
    ]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (clusters(), "itself in no shard of main"),
        (clusters(1, 2), "itself in shard 1, 2 of main"),
        ([], "no cluster main"),
    ],
)
def test_a_server_recognises_itself_in_one_shard(rows, found):
    assert bad(figures(clusters=rows)) == [("cluster", CRITICAL, "ch1", found)]
    assert bad(figures(clusters=rows), cluster="") == []
    assert bad(figures(clusters=clusters(2))) == []


def test_what_could_not_be_read_is_critical():
    status = replace(figures(), errors={"parts": "Code: 241"})
    assert bad(status) == [("figures", CRITICAL, "ch1", "parts: Code: 241")]


def test_the_queries_of_a_server():
    answers = {query: json.dumps({"data": rows}) for query, rows in captured().items()}

    def answer(body):
        name = next(name for name, query in QUERIES.items() if body.startswith(query))
        return (500, "Code: 999. No node") if name == "tables" else answers[name]

    with http_server(answer) as (port, requests):
        found = read_figures(Server(port=port), "ch1")
    assert len(requests) == len(QUERIES)
    assert found.errors == {"tables": "Code: 999. No node"}
    assert found.rows["clusters"] == captured()["clusters"]


@pytest.mark.parametrize(("version", "newer"), [("18.16.1", 0), ("20.3.4", 2), ("25.8.2.1", 3), ("", 0), ("odd", 0)])
def test_only_newer_servers_are_asked_for_their_disks_and_queues(version, newer):
    with http_server(lambda _query: '{"data": []}') as (port, requests):
        assert read_figures(Server(port=port), version=version).errors == {}
    assert len(requests) == len(QUERIES) + newer


DISK = {"name": "default", "free": 30.0, "total": 100.0}
QUEUE = {"database": "d", "table": "all", "errors": 0, "broken": 0, "exception": ""}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({"disks": [DISK, {**DISK, "name": "cold", "free": 19.0}]}, [("disk_used", WARNING, "ch1 disk cold", "81 %")]),
        ({"disks": [{**DISK, "free": 19.0}]}, [("disk_used", WARNING, "ch1", "81 %")]),
        # An object storage has no end, and a disk without a size is none.
        ({"disks": [{**DISK, "free": 0.0, "total": float(1 << 63)}, {**DISK, "total": 0}, {"name": "x"}]}, []),
        ({"detached": [{"parts": 3}]}, [("detached_parts", WARNING, "ch1", "3 parts")]),
        ({"distribution": [{**QUEUE, "errors": 10}]}, []),
        ({"distribution": [{**QUEUE, "errors": 11}]}, [("distributed_errors", WARNING, "ch1 d.all", "11 errors")]),
        ({"distribution": [{**QUEUE, "broken": 1}]}, [("distributed_broken", CRITICAL, "ch1 d.all", "1 blocks")]),
    ],
)
def test_what_newer_servers_tell(rows, expected):
    assert bad(figures(**rows)) == expected
    assert (
        bad(figures(**rows), disk_used=None, detached_parts=None, distributed_errors=None, distributed_broken=None)
        == []
    )


def test_the_last_exception_of_a_queue_is_shown():
    status = figures(distribution=[{**QUEUE, "errors": 11, "exception": "Code: 210.\n Refused. " + "x" * 9999}])
    (finding,) = problems(check_figures(status, chosen(DEFAULTS, {}), "main"))
    assert "The last one: Code: 210. Refused. xxx" in finding.hint and len(finding.hint) < 600


def test_a_server_that_is_away():
    found = read_figures(Server(port=1, timeout=1))
    assert set(found.errors) == set(QUERIES)


JUNK = st.dictionaries(
    st.sampled_from(["name", "number", "parts", "tries", "cluster", "log_lag", "free", "total", "errors", "broken"]),
    st.text() | st.none() | st.integers() | st.floats(),
)


@given(st.dictionaries(st.sampled_from([*QUERIES, *NEWER_QUERIES]), st.lists(JUNK, max_size=3)))
def test_whatever_a_server_answers_it_is_findings(rows):
    status = Figures("ch1", rows)
    check_figures(status, chosen(DEFAULTS, {}), "main")
    summaries([ReplicaStatus("ch1")], [status], {})


# --- Summaries


def test_a_summary():
    (summary,) = summaries(
        [ReplicaStatus("ch1", "18.16.1")],
        [figures()],
        {"disk_free_bytes": 5, "disk_total_bytes": 10, "queues": [{"files": 2}, {"files": 1}]},
    )
    assert (summary["host"], summary["version"], summary["error"]) == ("ch1", "18.16.1", None)
    assert (summary["tables"], summary["max_delay_s"], summary["queue_size"], summary["readonly_tables"]) == (
        1,
        3,
        2,
        0,
    )
    assert (summary["disk_free_bytes"], summary["distributed_files"]) == (5, 3)
    # The captured replica had answered queries and had one session; nobody had inserted anything.
    assert summary["selects_total"] > 0 and summary["zookeeper_sessions"] == 1
    assert 0 < summary["zookeeper_avg_latency_ms"] < 10_000


def test_what_is_not_known_is_none():
    (summary,) = summaries([ReplicaStatus("ch1", ping_error="refused")], [], {})
    assert summary.pop("host") == "ch1" and summary.pop("error") == "refused"
    assert set(summary.values()) == {None}
