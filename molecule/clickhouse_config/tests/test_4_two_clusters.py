"""A second cluster on the ensemble of the first, by its address: neither sees the other, and neither is disturbed."""

import re

import pytest

from lab import QueryError

DDL = {"distributed_ddl_task_timeout": 60}
TABLE = "ReplicatedMergeTree('/tables/{shard}/demo/notes', '{replica}', day, n, 8192)"
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
    assert done.returncode != 0 and "/clickhouse/main" in output, output
    assert everything() == before
    assert "clickhouse-server" not in lab.shell("other1", "dpkg-query --show --showformat='${Package} '")


def test_the_second_cluster_is_deployed_and_the_first_is_left_alone(playbook, everything):
    before = everything()
    done = playbook("site", inventory="second")
    assert done.returncode == 0, done.stdout + done.stderr
    again = playbook("site", inventory="second")
    assert again.returncode == 0 and not re.search(r"changed=[1-9]", again.stdout), again.stdout
    assert everything() == before


def test_each_has_its_tables_and_its_statements(lab):
    for cluster in CLUSTERS:
        ask(lab, cluster, f"CREATE DATABASE demo ON CLUSTER {cluster}", **DDL)
        ask(lab, cluster, f"CREATE TABLE demo.notes ON CLUSTER {cluster} (day Date, n UInt64) ENGINE = {TABLE}", **DDL)
    ask(lab, "main", "INSERT INTO demo.notes SELECT today(), number FROM numbers(3)")
    lab.reads("ch2", "SELECT count() FROM demo.notes", "3")
    assert ask(lab, "second", "SELECT count() FROM demo.notes") == "0"
    with lab.zookeeper("zk1") as client:
        replicas = "tables/01/demo/notes/replicas"
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


@pytest.mark.parametrize(("host", "other"), [("ch1", "second"), ("other1", "main")])
def test_a_login_of_one_cluster_is_none_in_the_other(lab, host, other):
    login = {"main": "lab-cluster", "second": "second-cluster"}[other]
    with pytest.raises(QueryError, match="password"):
        lab.sql(host, "SELECT 1", user="cluster", password=login)


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
    assert re.search(rf"ok +{re.escape(lab.address('zk1'))}\S* +\d+ checks +standalone", done.stdout), done.stdout


def test_the_ensemble_away_is_a_finding_of_the_second_cluster(lab, playbook):
    lab.shell("zk1", "systemctl stop zookeeper")
    done = playbook("health", inventory="second")
    lab.shell("zk1", "systemctl start zookeeper")
    assert done.returncode != 0 and re.search(r"critical +\S+ +serving", done.stdout), done.stdout
    lab.until(lambda: playbook("health", inventory="second").returncode == 0, 120, "the second cluster is healthy")
    lab.until(lambda: playbook("health").returncode == 0, 120, "the first cluster is healthy")
