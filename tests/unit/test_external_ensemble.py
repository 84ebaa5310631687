# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Playbooks and tasks on an ensemble that somebody else runs: a real ZooKeeper; the replicas are this host."""

import json

import yaml
from helpers import closed_port, run_ansible

PREFLIGHT = """\
- hosts: clickhouse
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: zoohouse.cluster.topology, tasks_from: build}
    - ansible.builtin.include_role: {name: zoohouse.cluster.clickhouse, tasks_from: preflight_ensemble}
"""


def run(tmp_path, port, playbook, *options):
    """Runs a playbook on two replicas that know one member on the loopback."""
    variables = {
        "ansible_connection": "local",
        "clickhouse_admin_password": "a",
        "clickhouse_cluster_password": "b",
        "clickhouse_shard": "01",
        "clickhouse_zookeeper_nodes": [{"host": "127.0.0.1", "port": port}],
    }
    hosts = {"ch1": {"ansible_host": "10.0.0.1"}, "ch2": {"ansible_host": "10.0.0.2"}}
    inventory = {"all": {"children": {"clickhouse": {"hosts": hosts, "vars": variables}}}}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(inventory))
    command = ["ansible-playbook", "-i", str(tmp_path / "hosts.yml"), playbook, *options]
    done = run_ansible(tmp_path, *command, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_health_asks_its_members_from_the_replicas(ensemble, tmp_path):
    options = ["--tags", "ensemble", "-e", f"health_report_dir={tmp_path}/report"]
    code, output = run(tmp_path, ensemble.port, "playbooks/health.yml", *options)
    assert code == 0 and "WARNING" not in output, output
    report = json.loads((tmp_path / "report" / "health.json").read_text())
    (member,) = report["ensemble"]["members"]
    assert (member["host"], member["figures"]["mode"]) == ("127.0.0.1", "standalone")
    # The server keeps mntr closed, and one member is none to spare: warnings.
    assert {item["check"] for item in report["findings"] if item["severity"] != "ok"} == {"metrics", "size"}


def test_its_limits_are_those_of_an_ensemble_of_the_inventory(ensemble, tmp_path):
    limits = '{"zookeeper_health_limits": {"metrics": false, "size": false}}'
    code, output = run(tmp_path, ensemble.port, "playbooks/health.yml", "--tags", "ensemble", "-e", limits)
    assert code == 0 and "warning" not in output, output


def test_health_says_when_it_is_down(tmp_path):
    code, output = run(tmp_path, closed_port(), "playbooks/health.yml", "--tags", "ensemble")
    assert code != 0 and "critical 127.0.0.1 serving no answer" in output, output


def test_preflight_needs_its_quorum_on_each_replica(ensemble, tmp_path):
    (tmp_path / "play.yml").write_text(PREFLIGHT)
    code, output = run(tmp_path, ensemble.port, str(tmp_path / "play.yml"))
    assert code == 0 and "changed=0" in output, output


def test_preflight_says_who_does_not_reach_it(tmp_path):
    """It waits for an election to end, so this takes as long."""
    (tmp_path / "play.yml").write_text(PREFLIGHT)
    port = closed_port()
    code, output = run(tmp_path, port, str(tmp_path / "play.yml"))
    assert code != 0
    for host in ("ch1", "ch2"):
        assert f"clickhouse_zookeeper_nodes: {host} does not reach the ensemble; no host was changed." in output
    assert f"0 of 1 members serving (127.0.0.1:{port}: [Errno 111] Connection refused)" in output


def test_nobody_can_restart_it(tmp_path):
    code, output = run(tmp_path, closed_port(), "playbooks/restart.yml", "-e", "service=zookeeper")
    assert code != 0 and "service: found zookeeper, expected clickhouse, all" in output, output
