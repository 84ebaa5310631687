# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The inventories to copy are valid: their topology, and the variables of the roles. No host is reached."""

import json
import re
from pathlib import Path

import pytest
import yaml
from helpers import CHECKOUT, ROLE_VARIABLES, run_ansible

TWO_CLUSTERS = CHECKOUT / "inventories" / "two-clusters"
PLAY = (
    f"- hosts: clickhouse\n{ROLE_VARIABLES}"
    + """\
    - ansible.builtin.copy:
        content: "{{ {'model': topology_model, 'errors': __clickhouse_input_errors, 'root': clickhouse_zookeeper_root,
                      'ddl': clickhouse_zookeeper_root ~ clickhouse_ddl_path, 'secret': clickhouse_cluster_secret,
                      'passwords': [clickhouse_admin_password, clickhouse_cluster_password]} | to_json }}"
        dest: "{{ directory }}/{{ topology_cluster }}-{{ inventory_hostname }}.json"
        mode: "0600"
      delegate_to: localhost
      connection: local
      become: false
"""
)
EXAMPLE = """\
- hosts: clickhouse
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: zoohouse.cluster.discovery, tasks_from: preflight}
- hosts: balancer
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: zoohouse.cluster.balancer, tasks_from: preflight, public: true}
    - ansible.builtin.copy:
        content: "{{ __balancer_config.config }}"
        dest: "{{ directory }}/{{ inventory_hostname }}.cfg"
        mode: "0600"
      delegate_to: localhost
      connection: local
      become: false
"""
SECRETS = ("admin_password", "cluster_password", "cluster_secret")


def evaluated(tmp_path, name):
    """What each host of an inventory of two-clusters would use, with a vault."""
    (tmp_path / "play.yml").write_text(PLAY)
    (tmp_path / "vault.yml").write_text(yaml.safe_dump({f"vault_{name}_{key}": f"{name}-{key}" for key in SECRETS}))
    inventory = TWO_CLUSTERS / f"{name}.yml"
    options = ["-e", f"@{tmp_path}/vault.yml", "-e", f"directory={tmp_path}"]
    run_ansible(tmp_path, "ansible-playbook", "-i", str(inventory), str(tmp_path / "play.yml"), *options)
    return {path.stem: json.loads(path.read_text()) for path in sorted(Path(tmp_path).glob(f"{name}-*.json"))}


@pytest.fixture(scope="module")
def clusters(tmp_path_factory):
    return {name: evaluated(tmp_path_factory.mktemp(name), name) for name in ("metrics", "logs")}


@pytest.mark.parametrize("name", ["metrics", "logs"])
def test_each_of_two_clusters_on_one_ensemble_is_valid(clusters, name):
    assert len(clusters[name]) == 4
    for found in clusters[name].values():
        assert found["errors"] == []
        ensemble = found["model"]["ensemble"]
        assert ensemble["external"] and ensemble["connection_string"].count("example.com:2181") == 3
        assert [len(shard["replicas"]) for shard in found["model"]["cluster"]["shards"]] == [2, 2]


def test_they_share_the_ensemble_and_nothing_in_it(clusters):
    one, other = (next(iter(hosts.values())) for hosts in clusters.values())
    assert one["model"]["ensemble"] == other["model"]["ensemble"]
    for key in ("root", "ddl", "secret"):
        assert one[key] and one[key] != other[key]
    assert not set(one["passwords"]) & set(other["passwords"])
    assert one["model"]["cluster"]["name"] != other["model"]["cluster"]["name"]
    assert not {row["ip"] for row in one["model"]["names"]} & {row["ip"] for row in other["model"]["names"]}


def test_the_balancers_of_the_example_are_valid(tmp_path):
    (tmp_path / "play.yml").write_text(EXAMPLE)
    inventory = CHECKOUT / "inventories" / "example"
    options = ["-e", f"directory={tmp_path}"]
    run_ansible(tmp_path, "ansible-playbook", "-i", str(inventory), str(tmp_path / "play.yml"), *options)
    for host in ("lb1.example.com", "lb2.example.com"):
        binds = re.findall(r"^ +bind \*:(\d+)", (tmp_path / f"{host}.cfg").read_text(), re.MULTILINE)
        # Any replica, each of two shards, writes to each of two shards; over HTTP and in the native protocol.
        assert {"8123", "9000", "8201", "8202", "9201", "9202", "8301", "8302", "9301", "9302"} <= set(binds)
