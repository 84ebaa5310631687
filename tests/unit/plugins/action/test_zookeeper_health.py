# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The action plugin, run by ansible-playbook on this host."""

import json

from helpers import member_endpoints, run_ansible

PLAYBOOK = """\
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - zoohouse.cluster.zookeeper_health:
        hosts: HOSTS
        timeout: 0
        report_only: true
      register: health
    - ansible.builtin.copy:
        content: "{{ health | to_json }}"
        dest: RESULT
        mode: "0600"
"""


def test_the_clock_of_this_host_agrees_with_itself(tmp_path):
    with member_endpoints(("healthy", "zk1")) as hosts:
        playbook = PLAYBOOK.replace("HOSTS", json.dumps(hosts)).replace("RESULT", str(tmp_path / "result.json"))
        (tmp_path / "play.yml").write_text(playbook)
        run_ansible(tmp_path, "ansible-playbook", "-i", "localhost,", str(tmp_path / "play.yml"))
    result = json.loads((tmp_path / "result.json").read_text())
    assert abs(result["clock_offset"]) <= result["clock_uncertainty"] + 0.001
    assert [finding["found"] for finding in result["findings"] if finding["check"] == "quorum"] == [
        "1 of 3 members serving"
    ]
