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
    "another client port": (
        {},
        ["-e", "zookeeper_client_port=2199"],
        ["zk2: zookeeper_client_port: found 2199, but the running member listens on 2181"],
    ),
    "another quorum port": (
        {},
        ["-e", "zookeeper_quorum_port=4888"],
        ["zk3: zookeeper_quorum_port and zookeeper_election_port: found server.3=zk3:4888:3888, but"],
    ),
    "another data directory": (
        {},
        ["-e", "zookeeper_data_dir=/var/lib/zookeeper/elsewhere"],
        ["zk1: zookeeper_data_dir: found /var/lib/zookeeper/elsewhere, but the data of the member is in"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("playbook", ["site", "zookeeper"])
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
