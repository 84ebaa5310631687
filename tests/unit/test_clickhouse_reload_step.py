# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A run reads back what servers reload by themselves only when something changed, and no restart reads it anyway."""

import re

import yaml
from helpers import ROLE_VARIABLES, run_ansible

# What config_tree has returned, and the last steps of the role.
CASES = {
    "nothing changed": ({"changed": False, "reload_needed": False}, ["verify.yml"]),
    "a file for a reload": ({"changed": True, "reload_needed": True}, ["reload.yml", "verify.yml", "compare.yml"]),
    "a file for a restart": ({"changed": True, "reload_needed": False}, ["verify.yml", "compare.yml"]),
    "no file was looked at": ({}, ["verify.yml"]),
}
PLAY = (
    f"- hosts: ch1\n{ROLE_VARIABLES}"
    + """\
    - ansible.builtin.debug: {msg: "RELOADED {{ __clickhouse_reload_elements | join(' ') }}."}
    - ansible.builtin.debug: {msg: "STEPS {{ item.key }}: {{ __clickhouse_last_steps | join(' ') }}."}
      vars:
        __clickhouse_config: "{{ item.value }}"
        __clickhouse_growth: {joining: []}
      loop: "{{ cases | dict2items }}"
"""
)


def test_the_step_is_only_there_when_it_is_needed(tmp_path):
    known = {"ansible_connection": "local", "clickhouse_zookeeper_nodes": [{"host": "127.0.0.1"}]}
    known["cases"] = {name: returned for name, (returned, _steps) in CASES.items()}
    hosts = {"ch1": {"clickhouse_shard": "01"}, "ch2": {"clickhouse_shard": "01"}}
    inventory = {"all": {"children": {"clickhouse": {"hosts": hosts, "vars": known}}}}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(inventory))
    (tmp_path / "play.yml").write_text(PLAY)
    command = ["ansible-playbook", "-i", str(tmp_path / "hosts.yml"), str(tmp_path / "play.yml")]
    output = run_ansible(tmp_path, *command).stdout
    assert dict(re.findall(r'"STEPS ([^:]+): ([^"]*)\."', output)) == {
        name: " ".join(steps) for name, (_returned, steps) in CASES.items()
    }
    # The distribution's 18.16.
    assert '"RELOADED macros/* remote_servers/*."' in output
    # In check mode nothing was written that a server could have reloaded.
    assert "reload.yml" not in run_ansible(tmp_path, *command, "--check").stdout
