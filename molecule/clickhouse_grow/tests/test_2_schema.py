"""The schema of the inventory: applied once for the whole cluster, and never changed silently."""

import json
import re

HITS = "CREATE TABLE IF NOT EXISTS audit.hits ON CLUSTER main (day Date, id UInt64) ENGINE = "
HITS += "ReplicatedMergeTree('/tables/{shard}/audit/hits', '{replica}') PARTITION BY day ORDER BY id"
ALL = "CREATE TABLE IF NOT EXISTS audit.hits_all ON CLUSTER main AS audit.hits "
ALL += "ENGINE = Distributed(main, audit, hits, id)"
ALTER = "ALTER TABLE audit.hits ON CLUSTER main ADD COLUMN country String"
FIRST = {"name": "hits", "statements": f"-- The hits; and all of them.\n{HITS};\n{ALL};"}
SECOND = {"name": "country", "statements": [ALTER, "INSERT INTO audit.hits SELECT today(), 1, 'de'"]}


def site(playbook, *entries, options=()):
    variables = {"clickhouse_databases": ["audit"], "clickhouse_schema": list(entries)}
    return playbook("site", "third", "-e", json.dumps(variables), *options)


def columns(lab, host):
    return lab.sql(host, "SELECT name FROM system.columns WHERE database = 'audit' AND table = 'hits'").split()


def test_it_is_applied_once_on_all_replicas(lab, playbook):
    done = site(playbook, FIRST)
    assert done.returncode == 0, done.stdout + done.stderr
    for host in lab.hosts("clickhouse"):
        assert columns(lab, host) == ["day", "id"]
        assert lab.sql(host, "SELECT count() FROM audit.hits_all") == "0"
    again = site(playbook, FIRST)
    assert not re.search(r"changed=[1-9]", again.stdout), again.stdout


def test_a_check_shows_the_statements_and_applies_none(lab, playbook):
    done = site(playbook, FIRST, SECOND, options=["--check", "--diff"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"+{ALTER};" in done.stdout
    assert columns(lab, "ch1") == ["day", "id"]


def test_a_later_entry_is_applied_once(lab, playbook):
    for _run in range(2):
        done = site(playbook, FIRST, SECOND)
        assert done.returncode == 0, done.stdout + done.stderr
    assert all(columns(lab, host) == ["day", "id", "country"] for host in lab.hosts("clickhouse"))
    # One replica inserted it, once; the others of its shard have it too.
    lab.reads("ch1", "SELECT count() FROM audit.hits", "1")
    lab.reads("ch2", "SELECT count() FROM audit.hits", "1")
    lab.reads("ch9", "SELECT count() FROM audit.hits_all", "1")


def test_an_entry_that_has_changed_stops_the_run(lab, playbook):
    later = {"name": "later", "statements": "DROP TABLE audit.hits_all ON CLUSTER main"}
    done = site(playbook, {**FIRST, "statements": HITS}, SECOND, later)
    assert done.returncode != 0
    assert "hits: schema: found another text than that which was applied on" in " ".join(done.stdout.split())
    assert lab.sql("ch1", "SELECT count() FROM audit.hits_all") == "1"


def test_a_wrong_entry_changes_no_host(playbook):
    done = site(playbook, {"name": "wrong", "statements": "DROP DATABASE audit"})
    assert done.returncode != 0
    output = " ".join((done.stdout + done.stderr).split())
    assert "clickhouse_schema: found in wrong, statement 1: DROP without ON CLUSTER, expected ON CLUSTER main" in output
    assert "changed: [" not in done.stdout
