# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""playbooks/config.yml and the step of the role that writes, with a real ZooKeeper."""

import json
import re

import pytest
from helpers import inventory, run_ansible
from kazoo.client import KazooClient
from zookeeper_server import zookeeper

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.plan import plan
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.store import Store

PLACE = "/clickhouse/main/zoohouse/config"
HOSTS = {
    "ansible_connection": "local",
    "topology_allow_unsafe_size": True,
    "clickhouse_health_check_timeout": 1,
    "clickhouse_admin_password": "a" * 20,
    "clickhouse_cluster_password": "c" * 20,
}

# The step of the role that writes, without a host that has anything.
SHARE = """\
- hosts: clickhouse
  gather_facts: false
  module_defaults:
    group/zoohouse.cluster.zookeeper:
      hosts: "{{ topology_model.ensemble.endpoints }}"
  tasks:
    - zoohouse.cluster.topology: {zookeeper_group: zookeeper, clickhouse_group: clickhouse}
      register: topology_model
    - ansible.builtin.set_fact:
        __host_status: {distribution: debian-12}
        __clickhouse_server: {deployed: null}
    - ansible.builtin.include_role: {name: zoohouse.cluster.clickhouse, tasks_from: share, apply: {check_mode: true}}
      vars:
        clickhouse_shared_config:
          macros: {colour: blue}
          merge_tree: {parts_to_throw_insert: 600}
          max_concurrent_queries: "200"
"""


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    """Runs the playbook for one member on the loopback and one replica that does not answer."""
    directory = tmp_path_factory.mktemp("config")
    with zookeeper(tmp_path_factory.mktemp("zookeeper")) as server:
        client = KazooClient(hosts=server.endpoint)
        client.start()
        store = Store(client, PLACE)
        for colour in ("red", "green"):
            wanted = {"macros/colour": colour, "merge_tree/a": "1"}
            store.write(plan(store.read(wanted), wanted, 10, "2026-11-27 08:00 UTC", "anna on control").operations)
        hosts = inventory()
        member = {"zookeeper_id": 1, "zookeeper_client_port": server.port}
        groups = {"zookeeper": {"hosts": {"localhost": member}}, "clickhouse": {"hosts": {"ch1": hosts["ch1"]}}}
        (directory / "hosts.json").write_text(json.dumps({"all": {"vars": HOSTS, "children": groups}}))

        def run(*args, playbook="playbooks/config.yml"):
            arguments = ("-i", str(directory / "hosts.json"), str(playbook), *args)
            done = run_ansible(directory, "ansible-playbook", *arguments, check=False)
            return done.returncode, re.sub(r"\\n", "\n", done.stdout)

        yield run
        client.stop()
        client.close()


def test_it_shows_the_versions_and_the_newest_one(play):
    code, text = play()
    assert code == 0, text
    assert "Version 1: 2026-11-27 08:00 UTC, anna on control" in text and "macros/colour: green" in text
    assert "changed=0" in text


def test_it_compares(play):
    code, text = play("-e", "action=diff", "-e", "version=1")
    assert code == 0 and "-macros/colour: red\n+macros/colour: green" in text, text


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["-e", "action=delete"], "action: found delete, expected show, diff or rollback"),
        (["-e", "action=rollback"], "version: found nothing, expected the number of a version"),
        (["-e", "action=diff", "-e", "version=new"], "version: found new, expected the number of a version"),
        (["-e", "action=rollback", "-e", "version=9"], "version: found 9, expected one that is kept: 1, 2"),
    ],
)
def test_what_it_does_not_know(play, args, message):
    code, text = play(*args)
    assert code != 0 and message in text, text


def test_going_back_in_check_mode_and_with_a_replica_that_does_not_answer(play):
    code, text = play("-e", "action=rollback", "-e", "version=1", "--check", "--diff")
    assert code == 0 and "+macros/colour: red" in text and "changed=1" in text, text
    code, text = play("-e", "action=rollback", "-e", "version=1")
    assert "Version 3 has the values of version 1 again. Written: macros/colour." in text
    # The values are written; the run says who does not have them.
    assert code != 0 and "ClickHouse is not healthy after 1 s" in text, text


def test_the_step_of_the_role_writes_the_variable_and_then_the_fragments(play, tmp_path):
    (tmp_path / "share.yml").write_text(SHARE)
    code, text = play("--diff", playbook=tmp_path / "share.yml")
    assert code == 0, text
    written, _task, configured = text.partition("Configure the replica")
    assert "+macros/colour: blue\n+max_concurrent_queries: 200\n+merge_tree/parts_to_throw_insert: 600\n" in written
    include = '<colour replace="replace" from_zk="/zoohouse/config/current/macros/colour"/>'
    reloaded = configured.partition("config.d/zz-shared.xml\n")[2]
    assert include in reloaded.partition("users.d")[0] and "zz-shared-restart.xml" in configured
