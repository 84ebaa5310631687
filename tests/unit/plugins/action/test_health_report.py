# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The report of a real run, on results that are in the inventory and on hosts that nobody can reach."""

import json
import os
from xml.etree import ElementTree

import pytest
from helpers import run_ansible
from reports import MEMBERS, REPLICAS, hostvars

PLAY = """\
- hosts: all
  gather_facts: false
  tasks:
    - name: Build the report
      zoohouse.cluster.health_report:
        members: "{{ groups.zookeeper }}"
        replicas: "{{ groups.clickhouse }}"
        directory: "{{ health_report_dir }}"
      run_once: true
      register: health
      tags: [always]
    - name: Show it
      ansible.builtin.debug:
        msg: "RESULT {{ health.report.healthy }} {{ health.report.counts.critical }} {{ health.error }}"
      run_once: true
      tags: [always]
"""


def run(tmp_path, name, directory, *options):
    variables = hostvars(name)
    groups = {"zookeeper": MEMBERS, "clickhouse": REPLICAS}
    children = {group: {"hosts": {host: variables[host] for host in hosts}} for group, hosts in groups.items()}
    (tmp_path / "hosts.json").write_text(json.dumps({"all": {"children": children}}))
    (tmp_path / "play.yml").write_text(PLAY)
    arguments = ["-i", str(tmp_path / "hosts.json"), str(tmp_path / "play.yml"), "-e", f"health_report_dir={directory}"]
    return run_ansible(tmp_path, "ansible-playbook", *arguments, *options).stdout


@pytest.mark.parametrize("options", [[], ["--check"]])
def test_three_files_show_one_report(tmp_path, options):
    directory = tmp_path / "new" / "report"
    output = run(tmp_path, "orphan", directory, *options)
    assert "RESULT False 1" in output and "changed=1" not in output
    assert sorted(os.listdir(directory)) == ["health.html", "health.json", "health.junit.xml"]
    assert {(directory / name).stat().st_mode & 0o777 & ~0o640 for name in os.listdir(directory)} == {0}
    report = json.loads((directory / "health.json").read_text())
    assert report["findings"][0]["check"] == "orphan_replica" and report["generated"].endswith("Z")
    assert len(list(ElementTree.parse(directory / "health.junit.xml").getroot().iter("failure"))) == 1
    assert "orphan_replica" in (directory / "health.html").read_text()


def test_tags_of_the_run_choose_the_parts(tmp_path):
    assert "RESULT True 0" in run(tmp_path, "orphan", tmp_path / "report", "--tags", "ensemble")
    report = json.loads((tmp_path / "report" / "health.json").read_text())
    assert [part["name"] for part in report["parts"] if part["selected"]] == ["ensemble"]


def test_without_a_directory_nothing_is_written(tmp_path):
    before = set(os.listdir())
    assert "RESULT True 0" in run(tmp_path, "healthy", "")
    assert set(os.listdir()) == before


def test_a_directory_that_cannot_be_written_does_not_hide_the_report(tmp_path):
    (tmp_path / "file").touch()
    output = " ".join(run(tmp_path, "orphan", tmp_path / "file").split())
    assert "RESULT False 1 The files of the report were not written" in output


def test_the_playbook_reports_hosts_that_nobody_can_reach(tmp_path):
    common = {"ansible_port": 1, "clickhouse_admin_password": "x", "clickhouse_cluster_password": "x"}
    members = {f"zk{n}": {**common, "zookeeper_id": n, "ansible_host": f"127.0.0.{n}"} for n in (1, 2, 3)}
    replicas = {f"ch{n}": {**common, "clickhouse_shard": "01", "ansible_host": f"127.0.1.{n}"} for n in (1, 2)}
    children = {"zookeeper": {"hosts": members}, "clickhouse": {"hosts": replicas}}
    (tmp_path / "hosts.json").write_text(json.dumps({"all": {"children": children}}))
    directory = tmp_path / "report"
    arguments = ["-i", str(tmp_path / "hosts.json"), "playbooks/health.yml", "-e", f"health_report_dir={directory}"]
    done = run_ansible(tmp_path, "ansible-playbook", *arguments, check=False)
    assert done.returncode != 0 and "5 critical findings" in done.stdout, done.stdout + done.stderr
    report = json.loads((directory / "health.json").read_text())
    assert {(item["check"], item["subject"]) for item in report["findings"]} == {
        ("connection", host) for host in ("zk1", "zk2", "zk3", "ch1", "ch2")
    }
