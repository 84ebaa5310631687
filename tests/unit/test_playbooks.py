# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The playbooks are the same when run from the checkout and by the name of the collection."""

import re

from helpers import run_ansible

INVENTORY = """\
all:
  children:
    zookeeper: {hosts: {zk1: {}, zk2: {}, zk3: {}}}
    clickhouse: {hosts: {ch1: {}, ch2: {}}}
"""


def listed(tmp_path, playbook):
    (tmp_path / "hosts.yml").write_text(INVENTORY)
    result = run_ansible(
        tmp_path, "ansible-playbook", "-i", str(tmp_path / "hosts.yml"), "--list-tasks", playbook
    ).stdout
    lines = (line.partition("TAGS:") for line in result.splitlines() if line and not line.startswith("playbook:"))
    # Ansible lists tags in no order.
    return [(text.strip(), sorted(re.findall(r"\w+", tags))) for text, _mark, tags in lines]


def test_the_site_of_the_collection_is_that_of_the_checkout(tmp_path):
    tasks = listed(tmp_path, "playbooks/site.yml")
    assert len(tasks) > 5
    assert listed(tmp_path, "zoohouse.cluster.site") == tasks
