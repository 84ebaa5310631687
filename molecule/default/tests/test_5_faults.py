"""Faults: nothing is lost when a host fails."""

import urllib.error
from concurrent.futures import ThreadPoolExecutor

import pytest
from kazoo.handlers.threading import KazooTimeoutError

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.walk import walk
from lab import QueryError

DATA = "/var/lib/zookeeper"


def health(lab, *options):
    return lab.ansible("ansible-playbook", "playbooks/health.yml", *options)


def ensemble(lab, host, **arguments):
    words = " ".join(f"{name}={value}" for name, value in {"hosts": "zk1,zk2,zk3", **arguments}.items())
    return lab.ansible("ansible", host, "-m", "zoohouse.cluster.zookeeper_health", "-a", words)


def insert(lab, host, number):
    """Inserts as clients do: repeat the same block until it is acknowledged; the server deduplicates it."""

    def attempt():
        try:
            lab.sql(host, f"INSERT INTO faults.rows VALUES ({number})")
        except (QueryError, urllib.error.URLError):
            return False
        return True

    lab.until(attempt, 60, f"row {number} acknowledged by {host}")


def everywhere(lab, expected):
    for host in lab.hosts("clickhouse"):
        lab.reads(host, "SELECT count(), uniqExact(id) FROM faults.rows_all", f"{expected}\t{expected}")


@pytest.fixture(scope="module", autouse=True)
def table(lab):
    first = lab.hosts("clickhouse")[0]
    for statement in (
        "CREATE DATABASE faults ON CLUSTER main",
        "CREATE TABLE faults.rows ON CLUSTER main (id UInt64) ENGINE = "
        "ReplicatedMergeTree('/tables/{shard}/faults/rows', '{replica}') ORDER BY id",
        "CREATE TABLE faults.rows_all ON CLUSTER main AS faults.rows ENGINE = Distributed(main, faults, rows)",
    ):
        lab.sql(first, statement, distributed_ddl_task_timeout=60)


def test_inserts_go_on_while_the_leader_is_down(lab):
    leader = lab.leader()
    others = [host for host in lab.hosts("zookeeper") if host != leader]
    for number, host in enumerate(lab.hosts("clickhouse")):
        insert(lab, host, number)
    lab.shell(leader, "systemctl stop zookeeper")
    for number, host in enumerate(lab.hosts("clickhouse"), start=10):
        insert(lab, host, number)
    everywhere(lab, 8)

    quorum = ensemble(lab, others[0], state="quorum")
    assert quorum.returncode == 0, quorum.stdout
    healthy = ensemble(lab, others[0], timeout=0)
    assert healthy.returncode != 0
    assert f"{leader}: serving: found no answer" in healthy.stdout
    last = ensemble(lab, others[0], state="safe_to_stop", member=others[1], timeout=0)
    assert last.returncode != 0 and "stopping this one loses the quorum" in last.stdout
    report = health(lab)
    assert report.returncode != 0
    assert f"critical  {leader}" in report.stdout and "critical  ch" not in report.stdout

    lab.shell(leader, "systemctl start zookeeper")
    assert ensemble(lab, leader, timeout=60).returncode == 0
    assert health(lab).returncode == 0


def test_a_killed_replica_recovers_by_itself_and_has_every_row(lab):
    first, peer = lab.hosts("clickhouse")[:2]
    lab.shell(first, f"kill -9 {lab.pid(first, 'clickhouse-server')}")
    insert(lab, peer, 20)
    login = f"login_user=admin login_password={lab.variable(first, 'clickhouse_admin_password')} timeout=120"
    done = lab.ansible("ansible", first, "-m", "zoohouse.cluster.clickhouse_health", "-a", login)
    assert done.returncode == 0, done.stdout
    everywhere(lab, 9)


def test_killed_members_recover_by_themselves(lab):
    for host in lab.hosts("zookeeper"):
        lab.shell(host, f"kill -9 {lab.pid(host, 'zookeeper')}")
        lab.until(lambda host=host: lab.mode(host) in ("leader", "follower"), 60, f"{host} serves again")
    assert ensemble(lab, "zk1", timeout=60).returncode == 0


def test_the_packaged_init_script_does_not_compete(lab):
    before = lab.pid("zk1", "zookeeper")
    lab.shell("zk1", "apt-get install --yes --no-install-recommends zookeeperd && systemctl daemon-reload")
    assert lab.shell("zk1", "systemctl show --property=FragmentPath --value zookeeper").startswith(
        "/etc/systemd/system/"
    )
    lab.shell("zk1", "service zookeeper restart")
    assert lab.pid("zk1", "zookeeper") != before
    assert lab.shell("zk1", "pgrep --count java").strip() == "1"
    assert ensemble(lab, "zk1", timeout=60).returncode == 0


def test_a_wiped_member_copies_from_the_others(lab):
    with lab.zookeeper("zk1") as client:
        client.create("/kept", b"kept")
    lab.shell("zk2", f"systemctl stop zookeeper && rm -rf {DATA}/data {DATA}/log")
    done = lab.ansible("ansible-playbook", "playbooks/site.yml")
    assert done.returncode == 0, done.stdout
    with lab.zookeeper("zk2") as client:
        client.sync("/kept")
        assert client.get("/kept")[0] == b"kept"
        client.delete("/kept")


def test_a_wiped_majority_does_not_serve_and_the_run_says_what_to_do(lab):
    """Two of three disks are replaced by empty ones; then the old ones come back."""
    wiped = ["zk1", "zk2"]
    for host in wiped:
        lab.shell(host, "systemctl stop zookeeper")
        for name in ("data", "log"):
            lab.shell(host, f"mv {DATA}/{name} {DATA}/{name}.old")
            lab.shell(host, f"install -d -o zookeeper -g zookeeper -m 0750 {DATA}/{name}")
        lab.shell(host, f"cp {DATA}/data.old/myid {DATA}/data/ && systemctl start zookeeper")
    with pytest.raises(KazooTimeoutError), lab.zookeeper("zk1", "zk2", "zk3", timeout=15):
        raise AssertionError("an empty tree is served")

    done = lab.ansible("ansible-playbook", "playbooks/site.yml")
    assert done.returncode != 0
    output = " ".join((done.stdout + done.stderr).split())
    assert "zk1, zk2: zookeeper_data_dir: found empty data directories and data only on zk3" in output
    assert "Restore the disks or a backup" in output
    assert not any("initialize" in lab.shell(host, f"ls {DATA}/log {DATA}/data") for host in wiped)

    for host in wiped:
        lab.shell(host, "systemctl stop zookeeper")
        for name in ("data", "log"):
            lab.shell(host, f"rm -rf {DATA}/{name} && mv {DATA}/{name}.old {DATA}/{name}")
        lab.shell(host, "systemctl start zookeeper")
    assert ensemble(lab, "zk3", timeout=60).returncode == 0
    lab.until(lambda: health(lab).returncode == 0, 120, "health.yml reports healthy")
    everywhere(lab, 9)


def test_the_cluster_recovers_after_all_hosts_are_restarted_at_once(lab):
    hosts = lab.hosts("zookeeper") + lab.hosts("clickhouse")
    lab.docker("restart", *hosts)
    lab.until(lambda: health(lab).returncode == 0, 180, "health.yml reports healthy")
    everywhere(lab, 9)
    for number, host in enumerate(lab.hosts("clickhouse"), start=30):
        insert(lab, host, number)
    everywhere(lab, 13)
    done = lab.ansible("ansible-playbook", "playbooks/site.yml")
    assert done.returncode == 0 and "changed=1" not in done.stdout, done.stdout


def test_a_walk_goes_on_when_its_member_restarts(lab):
    with lab.zookeeper("zk1") as client, ThreadPoolExecutor() as pool:
        client.ensure_path("/test/walk")
        for _batch in range(5):
            transaction = client.transaction()
            for _number in range(1000):
                transaction.create("/test/walk/znode-", b"data", sequence=True)
            transaction.commit()
        restart = pool.submit(lab.shell, "zk1", "systemctl restart zookeeper")
        states = []
        client.add_listener(states.append)
        counts = []
        while not (restart.done() and client.connected and states):
            counts.append(sum(1 for _znode in walk([client], "/test/walk")))
        client.delete("/test/walk", recursive=True)
    assert "SUSPENDED" in states
    assert set(counts) == {5001}
