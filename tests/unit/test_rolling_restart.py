# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The order in which Ansible restarts replicas, in check mode: the hosts are this one, and nothing is restarted."""

import re

import pytest
import yaml
from helpers import ROLE_VARIABLES, run_ansible

PLAY = """\
- hosts: clickhouse
  gather_facts: false
  any_errors_fatal: true
  module_defaults:
    group/zoohouse.cluster.zookeeper: {hosts: [127.0.0.1]}
  vars: {__clickhouse_restart_request: /zoohouse/restarts/a}
  tasks:
    - ansible.builtin.include_role: {name: zoohouse.cluster.topology, tasks_from: build}
    - ansible.builtin.include_role: {name: zoohouse.cluster.clickhouse, tasks_from: rolling_restart}
      vars: {__clickhouse_restart_hosts: "{{ chosen | default(ansible_play_hosts_all) }}"}
"""
# What preflight says about the variables, on a host that it does not read.
ERRORS = (
    f"- hosts: ch1\n{ROLE_VARIABLES}"
    + """\
    - ansible.builtin.fail: {msg: "{{ __clickhouse_input_errors | zoohouse.cluster.findings_message('Not valid.') }}"}
      when: __clickhouse_input_errors | length > 0
"""
)


def inventory(**variables):
    shards = {"ch1": "01", "ch2": "01", "ch3": "02", "ch4": "02"}
    known = {
        "ansible_connection": "local",
        "clickhouse_admin_password": "a",
        "clickhouse_cluster_password": "b",
        "clickhouse_zookeeper_nodes": [{"host": "127.0.0.1"}],
        **variables,
    }
    hosts = {host: {"clickhouse_shard": shard} for host, shard in shards.items()}
    return yaml.safe_dump({"all": {"children": {"clickhouse": {"hosts": hosts, "vars": known}}}})


@pytest.fixture
def rolling_restart(tmp_path):
    """Runs the play; returns the hosts of each restart."""

    def run(*options, **variables):
        (tmp_path / "hosts.yml").write_text(inventory(**variables))
        (tmp_path / "play.yml").write_text(PLAY)
        command = ["ansible-playbook", "--check", "-i", str(tmp_path / "hosts.yml"), str(tmp_path / "play.yml")]
        output = run_ansible(tmp_path, *command, *options).stdout
        tasks = re.split(r"TASK \[", output)
        of_restart = [task for task in tasks if "Restart the replica]" in task.splitlines()[0]]
        return [hosts for task in of_restart if (hosts := sorted(re.findall(r"changed: \[(ch\d)\]", task)))]

    return run


@pytest.mark.parametrize(
    ("parallel", "order"),
    [
        (None, [["ch1"], ["ch2"], ["ch3"], ["ch4"]]),
        ("2", [["ch1"], ["ch2", "ch3"], ["ch4"]]),
        (9, [["ch1"], ["ch2", "ch3"], ["ch4"]]),
    ],
)
def test_never_two_of_one_shard_and_the_first_one_alone(rolling_restart, parallel, order):
    variables = {} if parallel is None else {"clickhouse_restart_parallel_shards": parallel}
    assert rolling_restart(**variables) == order


def test_a_target_keeps_the_order(rolling_restart):
    chosen = ["-e", '{"chosen": ["ch2", "ch3"]}']
    assert rolling_restart(*chosen, clickhouse_restart_parallel_shards=2) == [["ch2", "ch3"]]


@pytest.mark.parametrize(("value", "valid"), [(0, False), (-1, False), ("many", False), (1, True), (99, True)])
def test_less_than_one_is_a_validation_error_and_more_than_all_are_all(tmp_path, value, valid):
    (tmp_path / "hosts.yml").write_text(inventory(clickhouse_restart_parallel_shards=value))
    (tmp_path / "play.yml").write_text(ERRORS)
    command = ["ansible-playbook", "-i", str(tmp_path / "hosts.yml"), str(tmp_path / "play.yml")]
    done = run_ansible(tmp_path, *command, check=False)
    text = f"ch1: clickhouse_restart_parallel_shards: found {value}, expected a whole number of shards, at least 1."
    assert (done.returncode == 0) is valid and (text in done.stdout) is not valid, done.stdout + done.stderr
