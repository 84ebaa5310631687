# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Signs of trouble in the znodes of tables and replicas: each is found, alone, on an otherwise healthy cluster."""

import pytest
from layout_world import HITS, HITS_2, HOSTS, ROOT, Znodes, details, modern, problems_of, statuses

REPLICA = f"{HITS}/replicas/ch2"
COLUMNS = "columns format version: 1\n1 columns:\n`day` Date\n"
MODERN_TABLE = ["async_blocks", "alter_partition_version", "pinned_part_uuids", "part_moves_shard", "lost_part_count",
                "table_shared_id", "deduplication_hashes", "lightweight_updates/in_progress", "quorum/parallel",
                "temp/abandonable_lock-insert", "temp/abandonable_lock-other"]  # fmt: skip


def test_a_replica_that_is_not_active_is_one_finding_for_its_server():
    znodes = Znodes().delete(f"{REPLICA}/is_active")
    for number in range(4):
        znodes.copy(HITS, f"/tables/01/copy{number}")
    rows = [{"database": "d", "table": f"t{number}", "zookeeper_path": path, "replica_name": "ch2"}
            for number, path in enumerate([HITS, *(f"/tables/01/copy{number}" for number in range(4))])]  # fmt: skip
    changes = {
        "ch2": {"replicas": rows, "tables": []},
        "ch1": {"replicas": [{**row, "replica_name": "ch1"} for row in rows], "tables": []},
    }
    servers = statuses(changes=changes)
    assert problems_of(znodes, servers) == [("is_active", "critical", "ch2")]
    (finding,) = details("is_active", znodes, servers)
    assert finding.found.startswith("not active in 5 of 5 tables: ") and finding.found.endswith(" and 2 more")
    assert "RESTART REPLICA" in finding.hint


def test_a_replica_whose_server_is_down_says_so():
    znodes = Znodes().delete(f"{REPLICA}/is_active")
    servers = statuses(gone=["ch2"])
    assert problems_of(znodes, servers) == [("servers", "critical", "ch2"), ("is_active", "critical", "ch2")]
    (finding,) = details("is_active", znodes, servers)
    assert finding.hint.startswith("Start the server")


def test_a_lost_replica():
    assert problems_of(Znodes().add(f"{REPLICA}/is_lost", "1")) == [("is_lost", "critical", REPLICA)]
    # A new replica shows it briefly.
    assert problems_of(Znodes().add(f"{REPLICA}/is_lost", "1", age=30)) == []


@pytest.mark.parametrize(("entries", "lost"), [(8004, False), (8005, True)])
def test_a_replica_that_will_be_lost_by_the_limit_of_18_16(entries, lost):
    """log_pointer is 4. The limit of 10000 is that of the captured servers."""
    znodes = Znodes().add(f"{HITS}/log", children=9000, created=entries)
    expected = [("log_lag", "critical", f"{HITS}/replicas/{host}") for host in ("ch1", "ch2")]
    assert problems_of(znodes) == (expected if lost else [])


def test_a_new_replica_may_be_far_behind():
    znodes = Znodes().add(f"{HITS}/log", children=9000, created=9000).add(f"{HITS}/replicas/ch1/log_pointer", "8999")
    assert problems_of(znodes) == [("log_lag", "critical", REPLICA)]
    znodes.znodes[f"{ROOT}{REPLICA}"][1].ctime += 3590 * 1000
    assert problems_of(znodes) == []


def test_the_next_entry_of_a_log_from_its_stat():
    """Seen on 18.16: log-0000000065 to log-0000000164 are left, and cversion is 230."""
    znodes = Znodes().add(f"{HITS}/log", children=100, created=165).add(f"{REPLICA}/log_pointer", "165")
    assert znodes.znodes[f"{ROOT}{HITS}/log"][1].cversion == 230
    settings = [{"name": "max_replicated_logs_to_keep", "value": "10"}]
    servers = statuses(changes={host: {"settings": settings} for host in HOSTS})
    (finding,) = details("log_lag", znodes, servers)
    assert (finding.subject, finding.found) == (f"{HITS}/replicas/ch1", "161 entries of the log behind, 10 are kept")


def test_the_limit_of_a_modern_server_and_that_of_a_table():
    settings = [{"name": "max_replicated_logs_to_keep", "value": "1000"}]
    znodes = Znodes().add(f"{HITS}/log", children=900, created=900).add(f"{HITS}/replicas/ch1/log_pointer", "899")
    servers = statuses(changes={host: modern(host, settings=settings) for host in HOSTS})
    (finding,) = details("log_lag", znodes, servers)
    assert (finding.subject, finding.found) == (REPLICA, "896 entries of the log behind, 1000 are kept")
    assert finding.expected == "at most 80 % of max_replicated_logs_to_keep"
    table = {"database": "layout_probe", "name": "hits",
             "engine_full": "ReplicatedMergeTree('/tables/{shard}/layout_probe/hits', '{replica}') ORDER BY id "
             "SETTINGS max_replicated_logs_to_keep = 5000, index_granularity = 8192"}  # fmt: skip
    servers = statuses(changes={host: modern(host, settings=settings, tables=[table]) for host in HOSTS})
    assert details("log_lag", znodes, servers) == []


def test_a_stuck_alter_is_a_replica_that_differs_for_long():
    znodes = Znodes().add(f"{HITS}/columns", COLUMNS, age=300).add(f"{HITS}/replicas/ch1/columns", COLUMNS)
    assert problems_of(znodes) == [("alter", "critical", REPLICA)]
    (finding,) = details("alter", znodes)
    assert finding.found == "other columns than the table, which changed 300 s ago"
    znodes.add(f"{HITS}/columns", COLUMNS, age=30)
    assert problems_of(znodes) == []


def test_a_replica_that_is_not_active_has_no_stuck_alter():
    znodes = Znodes().add(f"{HITS}/metadata", "other").add(f"{HITS}/replicas/ch1/metadata", "other")
    assert problems_of(znodes) == [("alter", "critical", REPLICA)]
    znodes.delete(f"{REPLICA}/is_active")
    assert problems_of(znodes) == [("is_active", "critical", "ch2")]


def test_a_stuck_quorum_insert():
    """Captured: an insert with a quorum while the other replica did not fetch."""
    znodes, servers = Znodes("stuck"), statuses("stuck")
    found = problems_of(znodes, servers)
    assert ("quorum", "critical", f"{HITS}/quorum/status") in found
    assert [item[0] for item in found] == ["table_on_server", "quorum"]
    assert [item[0] for item in problems_of(znodes, servers, now=1795673990.0)] == ["table_on_server"]


def test_a_stuck_parallel_quorum_insert_and_failed_parts():
    znodes = Znodes().add(f"{HITS}/quorum/parallel/20261121_7_7_0").add(f"{HITS}/quorum/failed_parts/20261121_3_3_0")
    assert problems_of(znodes) == [
        ("quorum", "critical", f"{HITS}/quorum/parallel/20261121_7_7_0"),
        ("failed_parts", "warning", f"{HITS}/quorum/failed_parts"),
    ]


@pytest.mark.parametrize(("path", "count"), [(HITS, 501), (HITS, 500)])
def test_blocks_are_compared_with_the_window_of_the_table(path, count):
    """The tables have a window of 50, the servers' default is 100."""
    found = problems_of(Znodes().add(f"{path}/blocks", children=count))
    assert found == ([("blocks", "warning", f"{path}/blocks")] if count > 500 else [])


def test_without_a_server_that_says_the_limits_they_are_not_checked():
    znodes = Znodes().add(f"{HITS}/blocks", children=10**6).add(f"{HITS}/log", children=10**6, created=10**6)
    assert {item[0] for item in problems_of(znodes, statuses(gone=HOSTS))} == {"servers"}


@pytest.mark.parametrize("name", ["log", "blocks", "quorum", "mutations", "metadata"])
def test_a_znode_of_a_table_that_is_missing(name):
    assert problems_of(Znodes().delete(f"{HITS}/{name}")) == [("missing_znodes", "critical", HITS)]


@pytest.mark.parametrize("name", ["queue", "parts", "log_pointer", "columns"])
def test_a_znode_of_a_replica_that_is_missing(name):
    assert problems_of(Znodes().delete(f"{REPLICA}/{name}")) == [("missing_znodes", "critical", REPLICA)]


def test_znodes_of_modern_versions_are_known_and_others_are_not():
    znodes = Znodes()
    for name in MODERN_TABLE:
        znodes.add(f"{HITS}/{name}")
    for name in ("metadata_version", "creator_info"):
        znodes.add(f"{REPLICA}/{name}")
    assert problems_of(znodes) == []
    found = problems_of(znodes.add(f"{HITS}/mine").add(f"{REPLICA}/yours"))
    assert found == [("unknown_znodes", "warning", HITS), ("unknown_znodes", "warning", REPLICA)]


def test_a_table_may_have_any_name():
    """Names of znodes of a table are also names of tables and databases."""
    names = ["log", "parts", "queue", "replicas/log", "blocks/metadata", "temp"]
    znodes, rows = Znodes(), []
    for name in names:
        znodes.copy(HITS_2, f"/tables/02/{name}")
        rows.append({"database": "d", "table": name, "zookeeper_path": f"/tables/02/{name}"})
    changes = {host: {"replicas": [{**row, "replica_name": host} for row in rows]} for host in ("ch3", "ch4")}
    znodes.delete(HITS_2)
    assert problems_of(znodes, statuses(changes=changes)) == []
    znodes.delete("/tables/02/replicas/log/replicas/ch3/is_active")
    assert problems_of(znodes, statuses(changes=changes)) == [("is_active", "critical", "ch3")]


def test_only_what_is_checked_is_read():
    znodes = Znodes()
    problems_of(znodes)
    read = {path[len(ROOT) :] for path in znodes.requests}
    assert f"{HITS}/log" in read and not any(path.startswith(f"{HITS}/log/") for path in read)
    assert not any(f"{HITS}/{name}" in read for name in ("block_numbers", "mutations", "temp", "leader_election"))
    assert not any(path.startswith((f"{HITS}/blocks/", f"{REPLICA}/parts", f"{REPLICA}/queue")) for path in read)
    assert len(znodes.requests) == len(read)
