"""An inventory that does not agree with the running ensemble stops the run before any host is changed."""

import json

import pytest

MEMBERS = ["zk1", "zk2", "zk3"]


def group(hosts):
    return {"all": {"children": {"members": {"hosts": dict.fromkeys(hosts)}}}}


FAULTS = {
    "a shorter inventory": (
        group(["zk1"]),
        ["-e", "topology_zookeeper_group=members", "-e", "topology_allow_unsafe_size=true"],
        [
            "server.2=zk2:2888:3888, server.3=zk3:2888:3888: topology_zookeeper_group: "
            "found a member of the deployed ensemble that the inventory does not have"
        ],
    ),
    "a longer inventory": (
        {
            "all": {
                **group([*MEMBERS, "ch1", "ch2"])["all"],
                "hosts": {"ch1": {"zookeeper_id": 4}, "ch2": {"zookeeper_id": 5}},
            }
        },
        ["-e", "topology_zookeeper_group=members"],
        ["ch1: zookeeper_id: found 4, which is not a member of the deployed ensemble"],
    ),
    "another client port and data directory": (
        {},
        ["-e", "zookeeper_client_port=2199", "-e", "zookeeper_data_dir=/var/lib/zookeeper/elsewhere"],
        [
            "zk2: zookeeper_client_port: found 2199, but the running member listens on 2181",
            "zk1: zookeeper_data_dir: found /var/lib/zookeeper/elsewhere, but the data of the member is in",
        ],
    ),
    "another quorum port": (
        {},
        ["-e", "zookeeper_quorum_port=4888"],
        ["zk3: zookeeper_quorum_port and zookeeper_election_port: found server.3=zk3:4888:3888, but"],
    ),
}
RUNS = [
    ("zookeeper", "a shorter inventory"),
    ("site", "a longer inventory"),
    ("site", "another client port and data directory"),
    ("zookeeper", "another quorum port"),
]


@pytest.mark.parametrize(("playbook", "fault"), RUNS)
def test_the_run_stops_before_any_host_is_changed(lab, tmp_path, fault, playbook):
    overlay, options, texts = FAULTS[fault]
    (tmp_path / "overlay.json").write_text(json.dumps(overlay))
    before = {host: lab.pid(host, "zookeeper") for host in MEMBERS}
    done = lab.ansible("ansible-playbook", "-i", str(tmp_path / "overlay.json"), f"playbooks/{playbook}.yml", *options)
    assert done.returncode != 0
    output = " ".join((done.stdout + done.stderr).split())
    for text in texts:
        assert text in output, done.stdout + done.stderr
    assert "changed: [" not in done.stdout
    assert {host: lab.pid(host, "zookeeper") for host in MEMBERS} == before


def test_health_reports_members_that_the_inventory_does_not_have(lab, tmp_path):
    (tmp_path / "overlay.json").write_text(json.dumps(group(["zk1"])))
    unsafe = ["-e", "topology_zookeeper_group=members", "-e", "topology_allow_unsafe_size=true"]
    done = lab.ansible("ansible-playbook", "-i", str(tmp_path / "overlay.json"), "playbooks/health.yml", *unsafe)
    assert done.returncode != 0
    assert "membership" in done.stdout and "server.3=zk3:2888:3888" in done.stdout


FRAGMENT = "/etc/clickhouse-server/config.d/zookeeper.xml"


def playbook(lab, name, port, previous=0):
    options = ["-e", f"zookeeper_client_port={port}", "-e", f"zookeeper_previous_client_port={previous}"]
    return lab.command("ansible-playbook", f"playbooks/{name}.yml", *options)


def listens(lab, host, port):
    """Whether a member serves clients on a port."""
    try:
        return "Mode: " in lab.word(host, "srvr", port)
    except OSError:
        return False


def test_the_client_port_changes_on_one_member_after_the_other(lab):
    lab.sql("ch1", "CREATE DATABASE IF NOT EXISTS moving ON CLUSTER main")
    engine = "ReplicatedMergeTree('/tables/{shard}/moving', '{replica}') ORDER BY id"
    lab.sql("ch1", f"CREATE TABLE moving.rows ON CLUSTER main (id UInt64) ENGINE = {engine}")
    before = {host: lab.pid(host, "zookeeper") for host in MEMBERS}

    # Replicas that know only the old port would lose the ensemble.
    early = lab.run(playbook(lab, "zookeeper", 2199, 2181))
    output = " ".join((early.stdout + early.stderr).split())
    assert early.returncode != 0
    assert "ch4: zookeeper_client_port: found a replica that looks for members on zk1:2181, zk2:2181" in output
    assert {host: lab.pid(host, "zookeeper") for host in MEMBERS} == before

    done = lab.run(playbook(lab, "clickhouse", 2199, 2181))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "changed: [zk" not in done.stdout

    # Killed when the first member has moved: the others are elsewhere, and all of them serve.
    lab.run_until(playbook(lab, "zookeeper", 2199, 2181), lambda line: line.startswith("changed: [zk") and moved(lab))
    assert 1 <= len(moved(lab)) < len(MEMBERS)
    assert all(listens(lab, host, 2181) or listens(lab, host, 2199) for host in MEMBERS)
    again = lab.run(playbook(lab, "zookeeper", 2199, 2181))
    assert again.returncode == 0, again.stdout + again.stderr
    assert moved(lab) == MEMBERS
    lab.sql("ch1", "INSERT INTO moving.rows VALUES (1)")
    lab.reads("ch2", "SELECT count() FROM moving.rows", "1")

    # The way back, which needs no change of the replicas.
    back = lab.run(playbook(lab, "zookeeper", 2181, 2199))
    assert back.returncode == 0, back.stdout + back.stderr
    assert moved(lab) == []
    done = lab.ansible("ansible-playbook", "playbooks/site.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2199" not in lab.shell("ch1", f"cat {FRAGMENT}")
    lab.sql("ch2", "INSERT INTO moving.rows VALUES (2)")
    lab.reads("ch1", "SELECT count() FROM moving.rows", "2")
    lab.sql("ch1", "DROP DATABASE moving ON CLUSTER main")


def moved(lab):
    return [host for host in MEMBERS if listens(lab, host, 2199)]
