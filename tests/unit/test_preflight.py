# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The preflight of the role clickhouse, with its own tasks and modules, on this host."""

import json

import pytest
import yaml
from helpers import run_ansible

PLAY = """\
- hosts: clickhouse
  gather_facts: false
  vars: {__host_status: {distribution: debian-12}}
  tasks:
    - ansible.builtin.include_role: {name: zoohouse.cluster.topology, tasks_from: build}
    - ansible.builtin.include_role: {name: zoohouse.cluster.clickhouse, tasks_from: preflight}
"""
PORTS = {"clickhouse_http_port": 18123, "clickhouse_tcp_port": 19000, "clickhouse_interserver_port": 19009}


@pytest.fixture
def preflight(tmp_path):
    """Runs it on one replica, where nothing is deployed; returns the code and the output as one line."""

    def run(**variables):
        members = {f"zk{number}": {"zookeeper_id": number, "ansible_host": f"10.0.0.1{number}"} for number in (1, 2, 3)}
        known = {
            "ansible_connection": "local",
            "ansible_host": "10.0.0.21",
            "clickhouse_shard": "01",
            "clickhouse_admin_password": "a",
            "clickhouse_cluster_password": "b",
            **PORTS,
            **variables,
        }
        groups = {"zookeeper": {"hosts": members}, "clickhouse": {"hosts": {"ch1": known}}}
        (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": groups}}))
        (tmp_path / "play.yml").write_text(PLAY)
        own = json.dumps({"__clickhouse_config_dir": str(tmp_path / "etc")})
        command = ["ansible-playbook", "-i", str(tmp_path / "hosts.yml"), str(tmp_path / "play.yml"), "-e", own]
        done = run_ansible(tmp_path, *command, check=False)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    return run


def test_valid_input_passes_and_changes_nothing(preflight, tmp_path):
    paths = {"data": f"{tmp_path}/data/clickhouse/"}
    code, output = preflight(clickhouse_paths=paths, clickhouse_disk_free_min_mb=1)
    assert code == 0 and "changed=0" in output, output


def test_directories_on_a_full_file_system(preflight, tmp_path):
    """No file system has a pebibyte."""
    code, output = preflight(
        clickhouse_paths={"tmp": f"{tmp_path}/tmp/"},
        clickhouse_extra_config={"storage_configuration": {"disks": {"cold": {"path": f"{tmp_path}/cold/"}}}},
        clickhouse_disk_free_min_mb=1 << 30,
    )
    assert code != 0 and "no host was changed" in output, output
    for text in (
        "ch1: clickhouse_paths: found data: /var/lib/clickhouse/ on the file system /",
        f"ch1: clickhouse_paths: found tmp: {tmp_path}/tmp/ on the file system /",
        f"ch1: clickhouse_extra_config: found cold: {tmp_path}/cold/ on the file system /",
        "expected at least 1125899906842624 bytes free",
    ):
        assert text in output, output
    assert not (tmp_path / "tmp").exists()


def test_mistakes_of_extra_configuration_are_one_message(preflight):
    code, output = preflight(
        clickhouse_extra_config={"max_conections": 100, "merge_tree": {"parts_to_throw": 1}},
        clickhouse_extra_users={
            "users": {"reader": {"password": "swordfish", "profile": "default", "quota": "hourly"}}
        },
    )
    assert code != 0 and "The variables of ClickHouse are not valid; no host was changed." in output, output
    for text in (
        "clickhouse_extra_config: found unknown element max_conections, expected max_connections, which is similar",
        "clickhouse_extra_config: found merge_tree: unknown setting parts_to_throw, expected parts_to_throw_insert",
        "clickhouse_extra_users: found users/reader/quota: hourly, which is not defined, expected one of default",
    ):
        assert f"- ch1: {text}" in output, output
    assert "swordfish" not in output


def test_an_expression_that_fails_is_found_before_the_role_starts(preflight):
    code, output = preflight(clickhouse_extra_config={"logger": {"size": "{{ log_size }}"}})
    assert code != 0 and "Validating arguments" not in output, output
    assert (
        "ch1: clickhouse_extra_config: found logger/size: an expression that fails ('log_size' is undefined)" in output
    )
