"""A second cluster on the ensemble of the first, by its address: neither sees the other, and neither is disturbed."""

import re

import pytest

DDL = {"distributed_ddl_task_timeout": 60}
TABLE = "ReplicatedMergeTree('/tables/{shard}/pair/notes', '{replica}', day, n, 8192)"
# The first replica and the password of the administrator.
CLUSTERS = {"main": ("ch1", "lab-admin"), "second": ("other1", "second-admin")}


@pytest.fixture
def everything(lab, processes):
    """The processes of the first cluster and of the ensemble."""
    return lambda: {**processes(), "zk1": lab.pid("zk1", "zookeeper")}


def ask(lab, cluster, query, **settings):
    host, password = CLUSTERS[cluster]
    return lab.sql(host, query, password=password, **settings)


def test_a_cluster_on_the_chroot_of_another_is_refused(lab, playbook, everything):
    before = everything()
    done = playbook("site", inventory="second", clickhouse_zookeeper_root="/clickhouse/main")
    output = " ".join((done.stdout + done.stderr).split())
    found = "clickhouse_zookeeper_root: found /clickhouse/main, which is the chroot of main with ch1, ch2"
    assert done.returncode != 0 and f"other1: {found}" in output and "no server was started" in output, output
    assert everything() == before
    assert not lab.on("other1").service("clickhouse-server").is_running
    with lab.zookeeper("zk1") as client:
        assert b"other1" not in client.get("/clickhouse/main/zoohouse/cluster")[0]


def test_the_second_cluster_is_deployed_and_the_first_is_left_alone(playbook, everything):
    before = everything()
    done = playbook("site", inventory="second")
    assert done.returncode == 0, done.stdout + done.stderr
    again = playbook("site", inventory="second")
    assert again.returncode == 0 and not re.search(r"changed=[1-9]", again.stdout), again.stdout
    assert everything() == before


def test_each_has_its_tables_and_its_statements(lab):
    for cluster in CLUSTERS:
        ask(lab, cluster, f"CREATE DATABASE pair ON CLUSTER {cluster}", **DDL)
        ask(lab, cluster, f"CREATE TABLE pair.notes ON CLUSTER {cluster} (day Date, n UInt64) ENGINE = {TABLE}", **DDL)
    ask(lab, "main", "INSERT INTO pair.notes SELECT today(), number FROM numbers(3)")
    lab.reads("ch2", "SELECT count() FROM pair.notes", "3")
    assert ask(lab, "second", "SELECT count() FROM pair.notes") == "0"
    with lab.zookeeper("zk1") as client:
        replicas = "tables/01/pair/notes/replicas"
        assert sorted(client.get_children(f"/clickhouse/main/{replicas}")) == ["ch1", "ch2"]
        assert client.get_children(f"/clickhouse/second/{replicas}") == ["other1"]
        statements = {
            cluster: [
                client.get(f"/clickhouse/{cluster}/task_queue/ddl/{name}")[0].decode()
                for name in client.get_children(f"/clickhouse/{cluster}/task_queue/ddl")
            ]
            for cluster in CLUSTERS
        }
    for cluster, other in (("main", "second"), ("second", "main")):
        assert any(f"ON CLUSTER {cluster}" in text for text in statements[cluster])
        assert not any(f"ON CLUSTER {other}" in text for text in statements[cluster])


@pytest.mark.parametrize(("host", "own", "other"), [("ch1", "lab", "second"), ("other1", "second", "lab")])
def test_the_login_of_one_cluster_is_none_in_the_other(lab, host, own, other):
    """From an address that may log in."""
    client = f"clickhouse-client --host {lab.address(host)} --user cluster --query 'SELECT 1' --password"
    assert lab.shell(host, f"{client} {own}-cluster").strip() == "1"
    refused = lab.on(host).run(f"{client} {other}-cluster")
    assert refused.rc != 0 and "Wrong password" in refused.stdout + refused.stderr


def test_a_restart_of_the_second_cluster_restarts_nothing_else(lab, playbook, everything):
    before, other = everything(), lab.pid("other1", "clickhouse-server")
    done = playbook("restart", "-e", "force=true", inventory="second")
    assert done.returncode == 0, done.stdout + done.stderr
    assert lab.pid("other1", "clickhouse-server") != other
    assert everything() == before


def test_both_are_healthy_and_the_ensemble_is_checked_from_outside(lab, playbook):
    for inventory in ("inventory", "second"):
        done = playbook("health", inventory=inventory)
        assert done.returncode == 0, done.stdout + done.stderr
    # What only its members say.
    assert re.search(r"warning +ensemble +size +1 voters +at least 3 voters", done.stdout), done.stdout


def test_the_ensemble_away_is_a_finding_of_the_second_cluster(lab, playbook):
    lab.shell("zk1", "systemctl stop zookeeper")
    done = playbook("health", inventory="second")
    lab.shell("zk1", "systemctl start zookeeper")
    assert done.returncode != 0 and re.search(r"critical +\S+ +serving", done.stdout), done.stdout
    lab.until(lambda: playbook("health", inventory="second").returncode == 0, 120, "the second cluster is healthy")
    lab.until(lambda: playbook("health").returncode == 0, 120, "the first cluster is healthy")
