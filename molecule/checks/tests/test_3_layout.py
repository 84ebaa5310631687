"""What is in ZooKeeper and should not be there, and the reverse."""

import pytest

pytestmark = pytest.mark.usefixtures("healthy_again")
ROOT = "/clickhouse/main"
HITS = f"{ROOT}/tables/01/demo/hits"


@pytest.fixture
def client(lab):
    with lab.zookeeper("zk1") as client:
        yield client


def copied(client, source, target):
    """A copy of a subtree without its ephemeral znodes."""
    data, status = client.get(source)
    if status.ephemeralOwner:
        return
    client.create(target, data, makepath=True)
    for name in client.get_children(source):
        copied(client, f"{source}/{name}", f"{target}/{name}")


def test_orphans(lab, client, report):
    """A replica of a host that has gone, and a table that nobody has. What is new is none yet: 60 s (settle_time)."""
    copied(client, f"{HITS}/replicas/ch1", f"{HITS}/replicas/gone")
    client.set(f"{HITS}/replicas/gone/host", b"host: gone\nport: 9009\ntcp_port: 9000\ndatabase: demo\ntable: hits\n")
    copied(client, HITS, f"{ROOT}/tables/01/demo/forgotten")
    try:
        assert report("--tags", "layout").data["orphans"] == []
        lab.until(lambda: len(report("--tags", "layout").data["orphans"]) == 2, 120, "both are orphans")
        done = report("--tags", "layout")
    finally:
        client.delete(f"{HITS}/replicas/gone", recursive=True)
        client.delete(f"{ROOT}/tables/01/demo/forgotten", recursive=True)
    assert sorted(item[2] for item in done.problems()) == ["orphan_replica", "orphan_table"], done.output
    assert done.returncode != 0


def test_a_statement_that_waits_for_a_host_that_has_gone(client, report):
    entry = "version: 1\nquery: CREATE DATABASE later\nhosts: ['ch9:9000','ch1:9000']\ninitiator: ch1%3A9000\n"
    # Before the last entry, which servers have done: one after it would hide all later ones from them. And at once: ch1
    # would run an entry that it has not finished.
    path = f"{ROOT}/task_queue/ddl/query-0000000000-old"
    transaction = client.transaction()
    transaction.create(path, entry.encode())
    transaction.create(f"{path}/active")
    transaction.create(f"{path}/finished")
    transaction.create(f"{path}/finished/ch1:9000", b"0")
    created = transaction.commit()
    try:
        done = report()
    finally:
        client.delete(path, recursive=True)
    assert created[0] == path
    done.assert_only(("warning", "ch9", "ddl_host"), ("warning", "/task_queue/ddl/query-0000000000-old", "ddl_order"))


def test_readonly_tables(lab, report):
    """ch1 cannot reach the ensemble; it answers queries, and its /replicas_status may still say Ok."""
    pid = lab.main_process("ch1")
    members = [lab.address(host) for host in lab.hosts("zookeeper")]
    for address in members:
        lab.network(pid, "add", address)
    try:
        lab.until(
            lambda: lab.sql("ch1", "SELECT is_readonly FROM system.replicas WHERE table = 'hits'") == "1",
            90,
            "the table is readonly",
        )
        active = "SELECT active_replicas FROM system.replicas WHERE table = 'hits'"
        lab.until(lambda: lab.sql("ch2", active) == "1", 60, "the session of ch1 has expired")
        done = report("--tags", "clickhouse")
    finally:
        for address in members:
            lab.network(pid, "del", address)
    lab.until(
        lambda: lab.sql("ch1", "SELECT is_readonly FROM system.replicas WHERE table = 'hits'") == "0",
        90,
        "the table is writable",
    )
    # Its peer misses it, and so does the layout, which another host compares.
    done.assert_only(
        ("critical", "ch1", "session"),
        ("critical", "ch1", "is_active"),
        ("critical", "ch1 demo.hits", "writable"),
        ("critical", "ch2 demo.hits", "active_replicas"),
    )
