# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The action plugin, run by ansible-playbook on this host."""

import json

from helpers import run_ansible

PLAYBOOK = """\
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - zoohouse.cluster.host_info:
        addresses: [127.0.0.1]
      register: host
    - ansible.builtin.copy:
        content: "{{ host | to_json }}"
        dest: RESULT
        mode: "0600"
"""


def test_the_clock_of_this_host_agrees_with_itself(tmp_path):
    (tmp_path / "play.yml").write_text(PLAYBOOK.replace("RESULT", str(tmp_path / "result.json")))
    run_ansible(tmp_path, "ansible-playbook", "-i", "localhost,", str(tmp_path / "play.yml"))
    result = json.loads((tmp_path / "result.json").read_text())
    assert abs(result["clock_offset"]) <= result["clock_uncertainty"] + 0.001
    assert result["own_addresses"] == ["127.0.0.1"]
