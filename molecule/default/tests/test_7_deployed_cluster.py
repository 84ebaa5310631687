"""An inventory that does not agree with the deployed cluster stops the run before any host is changed."""

import json

import pytest

REPLICAS = ["ch1", "ch2", "ch3", "ch4"]
FAULTS = {
    "another shard": (
        {"all": {"hosts": {"ch1": {"clickhouse_shard": "02"}}}},
        [],
        ["ch1: clickhouse_shard: found 02, but the replicated tables", "belong to 01, expected 01"],
    ),
    "another name of the cluster and order of the shards": (
        {},
        ["-e", '{"topology_cluster": "prod", "topology_shards": ["02", "01"]}'],
        [
            "ch4: topology_cluster: found prod, but",
            "ch4: clickhouse_zookeeper_root: found /clickhouse/prod, but",
            "topology_shards: found the shards 02, 01, but the deployed order is 01, 02, expected 01, 02.",
        ],
    ),
    "another port": (
        {},
        ["-e", "clickhouse_http_port=8124"],
        ["ch2: clickhouse_http_port: found 8124, but the running server listens on 8123, expected 8123."],
    ),
    "a removed shard": (
        {"all": {"children": {"replicas": {"hosts": {"ch1": None, "ch2": None}}}}},
        ["-e", "topology_clickhouse_group=replicas"],
        ["topology_shards: found the shards 01, but the deployed order is 01, 02"],
    ),
}
RUNS = [
    ("site", "another shard"),
    ("clickhouse", "another name of the cluster and order of the shards"),
    ("site", "another port"),
    ("clickhouse", "a removed shard"),
]


def starts(lab):
    return {host: lab.pid(host, "clickhouse-server") for host in REPLICAS}


def assert_stopped(done, texts):
    assert done.returncode != 0
    output = " ".join((done.stdout + done.stderr).split())
    for text in texts:
        assert text in output, done.stdout + done.stderr
    assert "changed: [" not in done.stdout


@pytest.mark.parametrize(("playbook", "fault"), RUNS)
def test_the_run_stops_before_any_host_is_changed(lab, tmp_path, fault, playbook):
    overlay, options, texts = FAULTS[fault]
    (tmp_path / "overlay.json").write_text(json.dumps(overlay))
    before = starts(lab)
    done = lab.ansible("ansible-playbook", "-i", str(tmp_path / "overlay.json"), f"playbooks/{playbook}.yml", *options)
    assert_stopped(done, texts)
    assert starts(lab) == before


def test_a_password_does_not_change_while_rows_are_queued_under_it(lab):
    lab.sql("ch1", "CREATE DATABASE IF NOT EXISTS queues ON CLUSTER main", distributed_ddl_task_timeout=60)
    lab.sql("ch1", "CREATE TABLE queues.rows ON CLUSTER main (id UInt64) ENGINE = Log", distributed_ddl_task_timeout=60)
    table = "CREATE TABLE queues.rows_all ON CLUSTER main AS queues.rows ENGINE = Distributed(main, queues, rows, id)"
    lab.sql("ch1", table, distributed_ddl_task_timeout=60)
    for host in ("ch3", "ch4"):
        lab.shell(host, "systemctl stop clickhouse-server")
    lab.sql("ch1", "INSERT INTO queues.rows_all SELECT number FROM system.numbers LIMIT 100")
    done = lab.ansible("ansible-playbook", "playbooks/site.yml", "-e", "clickhouse_cluster_password=another-secret")
    assert_stopped(
        done, ["ch1: clickhouse_cluster_password: found another user or password, while queues.rows_all has"]
    )
    assert "lab-cluster" not in done.stdout + done.stderr and "another-secret" not in done.stdout + done.stderr
    for host in ("ch3", "ch4"):
        lab.shell(host, "systemctl start clickhouse-server")
        lab.until(lambda host=host: lab.serves(host), 30, f"{host} answers")

    def all_rows():
        # On the hosts themselves: of two replicas without replication, the Distributed table reads only one.
        counts = [lab.sql(host, "SELECT count() FROM queues.rows") for host in lab.hosts("clickhouse")]
        return sum(map(int, counts)) == 100

    lab.until(all_rows, 120, "every acknowledged row has arrived")
    lab.sql("ch1", "DROP DATABASE queues ON CLUSTER main", distributed_ddl_task_timeout=60)
