"""Faults of replicas."""

import pytest
from problems import down

pytestmark = pytest.mark.usefixtures("healthy_again")
SERVICE = "clickhouse-server"
CONFIG = "/etc/clickhouse-server/config.d"
LOG = "/var/log/clickhouse-server/clickhouse-server.err.log"
ERRORS = f"tail -n 100 {LOG}"
# systemd reads these files of all directories in the order of their names, so this one comes after the role's.
ONCE = f"/run/systemd/system/{SERVICE}.service.d"


def serves(lab, host):
    lab.until(lambda: lab.serves(host), 60, f"{host} answers")


def test_a_healthy_cluster(report):
    done = report()
    assert done.returncode == 0 and done.problems() == [], done.output
    figures = done.data["cluster"]["shards"][0]["replicas"][0]["figures"]
    assert (figures["tables"], figures["readonly_tables"], figures["zookeeper_sessions"]) == (1, 0, 1)
    assert figures["disk_total_bytes"] > figures["disk_free_bytes"] > 0


def test_a_port_that_something_else_uses(lab, report):
    lab.shell("ch2", f"systemctl stop {SERVICE} && systemd-run --unit=theirs python3 -m http.server 8123")
    lab.shell("ch2", f"systemctl start {SERVICE}")
    lab.until(lambda: "Address already in use" in lab.shell("ch2", ERRORS), 30, "the server has failed")
    done = report()
    lab.shell("ch2", "systemctl stop theirs")
    serves(lab, "ch2")
    done.assert_only(*down("ch2", "ch1"))
    assert "another process has its port" in done.finding("ch2", "ping")["found"]


def test_a_configuration_that_the_server_refuses(lab, report):
    lab.shell("ch4", f"systemctl stop {SERVICE}; echo '<yandex><broken>' > {CONFIG}/zz.xml; systemctl start {SERVICE}")
    lab.until(lambda: not lab.serves("ch4"), 30, "ch4 does not answer")
    done = report()
    lab.shell("ch4", f"rm {CONFIG}/zz.xml")
    serves(lab, "ch4")
    done.assert_only(*down("ch4", "ch3"))
    found = done.finding("ch4", "ping")["found"]
    assert "its configuration is refused" in found and f"{CONFIG}/zz.xml" in found


def test_a_replica_without_the_table_of_its_shard(lab, report):
    lab.sql("ch4", "DROP TABLE demo.hits")
    done = report()
    lab.sql(
        "ch4",
        "CREATE TABLE demo.hits (day Date, id UInt64) ENGINE = "
        "ReplicatedMergeTree('/tables/{shard}/demo/hits', '{replica}') PARTITION BY day ORDER BY id",
    )
    lab.reads("ch4", "SELECT count() FROM demo.hits", "1000")
    done.assert_only(("critical", "ch4 demo.hits", "missing_table"), ("warning", "ch3 demo.hits", "total_replicas"))
    assert done.returncode != 0


def test_a_queue_that_does_not_drain(lab, report):
    lab.shell("ch3", f"systemctl stop {SERVICE}")
    lab.shell("ch4", f"systemctl stop {SERVICE}")
    lab.sql("ch1", "INSERT INTO demo.all SELECT today(), number FROM numbers(2000, 10)")
    limits = '{"clickhouse_health_limits": {"distributed_age": 0}}'
    done = report("-e", limits)
    for host in ("ch3", "ch4"):
        lab.shell(host, f"systemctl start {SERVICE}")
    serves(lab, "ch3")
    lab.until(lambda: report("-e", limits).returncode == 0, 60, "the queue is empty")
    assert done.finding("ch1 demo.all for ch3:9000, ch4:9000", "distributed_age")["severity"] == "critical"
    # Neither sees the other one missing: no replica of their shard answers.
    away = [problem for host in ("ch3", "ch4") for problem in down(host, "") if problem[1] == host]
    done.assert_only(("critical", "ch1 demo.all for ch3:9000, ch4:9000", "distributed_age"), *away)


def test_a_schema_that_differs(lab, report):
    other = "CREATE TABLE demo.all (day Date, id UInt32) ENGINE = Distributed(main, demo, hits, id)"
    lab.sql("ch4", "DROP TABLE demo.all")
    lab.sql("ch4", other)
    done = report()
    lab.sql("ch4", "DROP TABLE demo.all")
    lab.sql("ch4", other.replace("UInt32", "UInt64"))
    done.assert_only(("warning", "cluster demo.all", "schema_drift"))
    assert done.finding("cluster demo.all", "schema_drift")["found"] == "one schema on ch1, ch2, ch3 but not on ch4"


def test_a_setting_that_was_changed_by_hand(lab, report):
    path = "/etc/clickhouse-server/users.d/by-hand.xml"
    text = "<yandex><profiles><default><max_threads>3</max_threads></default></profiles></yandex>"
    lab.shell("ch1", f"echo '{text}' > {path}")
    done = report()
    lab.shell("ch1", f"rm {path}")
    done.assert_only(("warning", "cluster", "users_drift"))
    found = done.finding("cluster", "users_drift")["found"]
    assert found == "profiles/default: one value on ch2, ch3, ch4; another value on ch1"


def test_znodes_of_a_replica_that_are_gone(lab, report):
    """And the procedure of docs/operating.md brings it back without losing a row."""
    lab.shell("ch2", f"systemctl stop {SERVICE}")
    with lab.zookeeper("zk1") as client:
        client.delete("/clickhouse/main/tables/01/demo/hits/replicas/ch2", recursive=True)
    # 18.16 does not always fail: sometimes it dies while it loads two tables at once, or starts without the table.
    lab.shell(
        "ch2", f"mkdir -p {ONCE} && printf '[Service]\\nRestart=no\\n' > {ONCE}/zz-once.conf && systemctl daemon-reload"
    )
    failed = f"timeout 5 sh -c 'until grep --quiet \"No node, path\" {LOG}; do sleep 0.1; done'"
    start = f"truncate --size=0 {LOG}; systemctl restart {SERVICE}; {failed}"
    lab.until(lambda: lab.on("ch2").run(start).rc == 0, 60, "the server has failed")
    done = report()
    lab.shell("ch2", f"rm -r {ONCE} && systemctl daemon-reload")
    found = done.finding("ch2", "ping")
    assert "znodes of this replica are gone: /tables/01/demo/hits/replicas/ch2" in found["found"], done.output
    assert "do not delete its data" in found["hint"]
    data, aside = "/var/lib/clickhouse", "/var/lib/clickhouse/aside"
    lab.shell(
        "ch2",
        f"systemctl stop {SERVICE} && mkdir {aside} && mv {data}/metadata/demo/hits.sql {data}/data/demo/hits {aside} "
        f"&& systemctl start {SERVICE}",
    )
    serves(lab, "ch2")
    lab.sql(
        "ch2",
        "CREATE TABLE demo.hits (day Date, id UInt64) ENGINE = "
        "ReplicatedMergeTree('/tables/{shard}/demo/hits', '{replica}') PARTITION BY day ORDER BY id",
    )
    expected = lab.sql("ch1", "SELECT count() FROM demo.hits")
    lab.reads("ch2", "SELECT count() FROM demo.hits", expected)
    lab.shell("ch2", f"rm -r {aside}")
    # The shard has one replica less for ZooKeeper and for its peer, and nothing of ch2 is there that could be inactive.
    done.assert_only(
        ("critical", "ch2", "ping"), ("critical", "ch2", "servers"), ("warning", "ch1 demo.hits", "total_replicas")
    )
