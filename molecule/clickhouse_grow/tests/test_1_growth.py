"""2x2 -> 2x3 -> 3x3 replicas, while clients write and read: no error, no lost row, no restart of a server."""

import re

DDL = {"distributed_ddl_task_timeout": 60}
FIRST, SECOND, THIRD = ("ch1", "ch2", "ch3", "ch4"), ("ch5", "ch6"), ("ch7", "ch8", "ch9")
COPY = "Copy databases and tables to the new replicas"
JOIN = "Let the new replicas join"
# Of each shard, before it grows.
ROWS = 200000
# The writers write smaller ids.
OLD_ROWS = "id >= 1000000000"
SCHEMA = [
    "CREATE DATABASE demo ON CLUSTER main",
    "CREATE TABLE demo.hits ON CLUSTER main (day Date, id UInt64) ENGINE = "
    "ReplicatedMergeTree('/tables/{shard}/demo/hits', '{replica}') PARTITION BY day ORDER BY id",
    "CREATE TABLE demo.days ON CLUSTER main (day Date, n UInt64) ENGINE = "
    "ReplicatedSummingMergeTree('/tables/{shard}/demo/days', '{replica}') PARTITION BY day ORDER BY day",
    "CREATE TABLE demo.hits_all ON CLUSTER main AS demo.hits ENGINE = Distributed(main, demo, hits, id)",
    # Their names sort before those of what they read.
    "CREATE VIEW demo.a_report ON CLUSTER main AS SELECT day, id FROM demo.hits_all",
    "CREATE VIEW demo.report ON CLUSTER main AS SELECT day, id FROM demo.a_report",
    "CREATE MATERIALIZED VIEW demo.a_days ON CLUSTER main TO demo.days AS "
    "SELECT day, count() AS n FROM demo.hits GROUP BY day",
    "CREATE TABLE demo.notes ON CLUSTER main (n Int8) ENGINE = Log",
]
NAMES = ["a_days", "a_report", "days", "hits", "hits_all", "notes", "report"]


def invocations(lab, hosts):
    """The systemd invocation and the process of each server; every start changes both."""
    show = "systemctl show --property=InvocationID,MainPID --value clickhouse-server"
    return {host: lab.shell(host, show) for host in hosts}


def insert(lab, host, first):
    lab.sql(host, f"INSERT INTO demo.hits SELECT today() - 1, number + {first} FROM system.numbers LIMIT {ROWS}")


def changed(done):
    return re.findall(r"^(\w+) +: .*changed=[1-9]", done.stdout, re.MULTILINE)


def succeeds(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def after(task, text):
    """A condition for lines of output: a text after the header of a task."""
    reached = False

    def condition(line):
        nonlocal reached
        reached = reached or task in line
        return reached and text in line

    return condition


def tables(lab, host):
    return lab.sql(host, "SELECT name FROM system.tables WHERE database = 'demo' ORDER BY name").split()


def assert_undisturbed(clients):
    assert [client.errors for client in clients] == [[], [], []]


def test_a_first_deployment_joins_at_once(lab, playbook, knows):
    done = succeeds(playbook("site", "first"))
    assert COPY not in done.stdout
    assert all(knows(host) == set(FIRST) for host in FIRST)
    for statement in SCHEMA:
        lab.sql("ch1", statement, **DDL)
    insert(lab, "ch1", 10**9)
    insert(lab, "ch3", 10**9 + ROWS)
    for host in FIRST:
        lab.reads(host, "SELECT count() FROM demo.hits", str(ROWS))
    assert changed(playbook("site", "first")) == []


def test_a_killed_run_shows_nobody_the_new_replicas(lab, command, knows, clients):
    before = invocations(lab, FIRST)
    lab.run_until(command("site", "second"), lambda line: COPY in line)
    assert all(knows(host) == set(FIRST) for host in FIRST)
    assert invocations(lab, FIRST) == before
    assert_undisturbed(clients)


def test_the_next_run_lets_a_replica_of_each_shard_join(lab, playbook, knows, clients):
    before = invocations(lab, FIRST)
    succeeds(playbook("site", "second"))
    everybody = {*FIRST, *SECOND}
    assert all(knows(host) == everybody for host in everybody)
    assert all(tables(lab, host) == NAMES for host in everybody)
    # What was there before has been fetched, the rest follows.
    for host in SECOND:
        lab.reads(host, f"SELECT count() FROM demo.hits WHERE {OLD_ROWS}", str(ROWS), seconds=1)
    assert invocations(lab, FIRST) == before
    assert changed(playbook("site", "second")) == []
    assert_undisturbed(clients)


def test_the_new_replicas_serve_distributed_queries_and_statements(lab, clients):
    for host in (*FIRST, *SECOND):
        assert int(lab.sql(host, f"SELECT count() FROM demo.report WHERE {OLD_ROWS}")) == 2 * ROWS
    lab.sql("ch5", "CREATE TABLE demo.late ON CLUSTER main (n Int8) ENGINE = Log", **DDL)
    assert all("late" in tables(lab, host) for host in (*FIRST, *SECOND))
    assert_undisturbed(clients)


def test_a_shard_joins_after_a_run_that_was_killed_while_it_did(lab, command, playbook, knows, clients):
    old = (*FIRST, *SECOND)
    before = invocations(lab, old)
    lab.run_until(command("site", "third"), after(JOIN, "changed: [ch"))
    # Whoever knows it already can use it.
    for host in old:
        if knows(host) & set(THIRD):
            assert int(lab.sql(host, f"SELECT count() FROM demo.report WHERE {OLD_ROWS}")) == 2 * ROWS
    succeeds(playbook("site", "third"))
    everybody = {*old, *THIRD}
    assert all(knows(host) == everybody for host in everybody)
    assert all(tables(lab, host) == sorted([*NAMES, "late"]) for host in everybody)
    assert invocations(lab, old) == before
    assert changed(playbook("site", "third")) == []
    assert_undisturbed(clients)


def test_rows_of_the_new_shard_are_its_own(lab, clients):
    insert(lab, "ch7", 2 * 10**9)
    for host in THIRD:
        lab.reads(host, "SELECT count() FROM demo.hits", str(ROWS))
    for host in (*FIRST, *SECOND):
        assert lab.sql(host, "SELECT count() FROM demo.hits WHERE id >= 2000000000") == "0"
        assert lab.sql(host, "SELECT count() FROM demo.report WHERE id >= 2000000000") == str(ROWS)


def test_every_acknowledged_row_is_on_every_replica(lab, playbook, clients):
    for client in clients:
        client.stop()
    assert_undisturbed(clients)
    assert all(client.count > 0 for client in clients)
    shards = {
        ("ch1", "ch2", "ch5"): clients[0].rows + ROWS,
        ("ch3", "ch4", "ch6"): clients[1].rows + ROWS,
        THIRD: ROWS,
    }
    for hosts, rows in shards.items():
        for host in hosts:
            lab.reads(host, "SELECT count() FROM demo.hits", str(rows))
            lab.reads(host, "SELECT uniqExact(id) FROM demo.hits", str(rows))
            lab.reads(host, "SELECT sum(n) FROM demo.days", str(rows))
    for host in sum(shards, ()):
        assert lab.sql(host, "SELECT count() FROM demo.report") == str(sum(shards.values()))
    succeeds(playbook("health", "third"))


def test_a_replica_that_is_down_stays_in_the_cluster(lab, playbook, knows):
    lab.shell("ch9", "systemctl stop clickhouse-server")
    done = succeeds(playbook("site", "third"))
    assert COPY not in done.stdout
    assert all(knows(host) == {*FIRST, *SECOND, *THIRD} for host in (*FIRST, *SECOND, *THIRD))
