# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The playbooks, run on inventories in which there is nothing to work on: no host is reached, and none is needed."""

import pytest
from helpers import run_ansible

GROUPS = """\
all:
  children:
    zookeeper: {hosts: {zk1: {}}}
    clickhouse: {hosts: {ch1: {}}}
    web: {hosts: {web1: {}}}
"""
WITHOUT_REPLICAS = GROUPS.replace("ch1: {}", "")
EMPTY = "all: {children: {zookeeper: {hosts: {}}, clickhouse: {hosts: {}}}}\n"
EXTERNAL = """\
all:
  children:
    clickhouse:
      vars: {clickhouse_zookeeper_nodes: [{host: zk1.invalid}]}
      hosts: {ch1: {clickhouse_shard: "01"}}
"""
# Name: playbook, inventory (None: a path that does not exist), options, and what the message must contain.
NOTHING_TO_DO = {
    "empty groups": ("health", EMPTY, [], "inventory: found no hosts"),
    "a path that does not exist": ("site", None, [], "inventory: found no hosts"),
    "no hosts, and a limit": ("health", EMPTY, ["--limit", "zk1"], "The inventory has no hosts"),
    "a limit that matches nobody": ("health", GROUPS, ["--limit", "nobody"], "no hosts to target"),
    "a limit to other hosts": ("site", GROUPS, ["--limit", "web1"], "web1: --limit: found no host of the group"),
    "a misspelt group": (
        "health",
        GROUPS.replace("clickhouse:", "clickhous:"),
        [],
        "topology_clickhouse_group: found no group clickhouse among clickhous, web, zookeeper",
    ),
    "an empty group": ("clickhouse", WITHOUT_REPLICAS, [], "found the group clickhouse without hosts"),
    "a group name that only the inventory knows": (
        "zookeeper",
        GROUPS.replace("all:", "all:\n  vars: {topology_zookeeper_group: ensemble}"),
        [],
        "zk1: topology_zookeeper_group: found ensemble in the inventory, but the plays run on zookeeper",
    ),
    "the ensemble of somebody else": (
        "zookeeper",
        EXTERNAL,
        [],
        "ch1: clickhouse_zookeeper_nodes: found an ensemble that somebody else runs",
    ),
}


@pytest.mark.parametrize("case", NOTHING_TO_DO)
def test_a_run_without_hosts_fails_and_says_why(tmp_path, case):
    playbook, inventory, options, text = NOTHING_TO_DO[case]
    hosts = tmp_path / "hosts.yml"
    if inventory:
        hosts.write_text(inventory)
    done = run_ansible(
        tmp_path, "ansible-playbook", "-i", str(hosts), f"playbooks/{playbook}.yml", *options, check=False
    )
    assert done.returncode != 0
    assert text in " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize("playbook", ["site", "health", "restart"])
def test_an_ensemble_that_somebody_else_runs_has_no_hosts(tmp_path, playbook):
    """No play of ZooKeeper has a host, and Ansible does not warn of the group that is absent."""
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(EXTERNAL)
    done = run_ansible(tmp_path, "ansible-playbook", "-i", str(hosts), f"playbooks/{playbook}.yml", "--list-hosts")
    plays = {play.splitlines()[0].split(": ", 1)[1].split("\t")[0]: play for play in done.stdout.split("  play #")[1:]}
    of_ensemble = [
        play for name, play in plays.items() if name in ("Deploy the ZooKeeper ensemble", "Restart the ensemble")
    ]
    assert len(of_ensemble) == (playbook != "health") and all("hosts (0)" in play for play in of_ensemble)
    assert sum("      ch1" in play for play in plays.values()) >= 2
    assert "WARNING" not in done.stderr


def test_its_playbooks_get_as_far_as_the_hosts(tmp_path):
    """The groups and the topology are valid: the first error is that the host cannot be reached."""
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(EXTERNAL)
    options = [
        "-e",
        "ansible_ssh_common_args='-o ProxyCommand=false' clickhouse_admin_password=a clickhouse_cluster_password=b",
    ]
    done = run_ansible(tmp_path, "ansible-playbook", "-i", str(hosts), "playbooks/site.yml", *options, check=False)
    assert "UNREACHABLE" in done.stdout and "Read the host" in done.stdout, done.stdout + done.stderr
