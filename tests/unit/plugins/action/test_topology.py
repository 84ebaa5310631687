# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The action plugin, run by ansible-playbook in plays as others write them; no host is reached."""

import pytest
from helpers import run_ansible

INVENTORY = """\
all:
  children:
    zookeeper:
      hosts:
        zk1: {zookeeper_id: 1}
        zk2: {zookeeper_id: 2}
        ch1: {zookeeper_id: 3}
    clickhouse:
      vars: {clickhouse_admin_password: open, clickhouse_cluster_password: sesame}
      hosts:
        ch1: {clickhouse_shard: 1}
        ch2: {clickhouse_shard: 1}
        ch3: {clickhouse_shard: 2}
"""
MODEL = """\
- hosts: {group}
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {{name: zoohouse.cluster.topology, tasks_from: build}}
    - ansible.builtin.debug:
        msg: "{{{{ inventory_hostname }}}} {{{{ topology_model.ensemble.connection_string }}}}
          {{{{ topology_model.cluster.remote_servers.keys() | first }}}}
          {{{{ topology_model.cluster.shards | map(attribute='name') | join('-') }}}}"
"""
ROLE = """\
- name: mine
  hosts: zookeeper
  gather_facts: false
  {keywords}
"""
# Each of them must be an error before the role connects to a host.
PLACES = {
    "vars of the play": "vars: {zookeeper_client_port: 2199}\n  roles: [zoohouse.cluster.zookeeper]",
    "vars of the role": "roles: [{role: zoohouse.cluster.zookeeper, vars: {zookeeper_client_port: 2199}}]",
    "a parameter of the role": "roles: [{role: zoohouse.cluster.zookeeper, zookeeper_client_port: 2199}]",
    "vars of a task": (
        "tasks: [{include_role: {name: zoohouse.cluster.zookeeper}, vars: {zookeeper_client_port: 2199}}]"
    ),
}
PLAYS = {
    "strategy: free": "play mine: strategy: found free, expected linear.",
    "strategy: ansible.builtin.host_pinned": "play mine: strategy: found ansible.builtin.host_pinned, expected linear.",
    "serial: 1": "play mine: serial: found batches of 1 of 3 hosts, expected all hosts in one batch.",
}


@pytest.fixture
def play(tmp_path):
    def run(text, *options, inventory=INVENTORY):
        (tmp_path / "hosts.yml").write_text(inventory)
        (tmp_path / "play.yml").write_text(text)
        command = ["ansible-playbook", "-i", str(tmp_path / "hosts.yml"), str(tmp_path / "play.yml"), *options]
        done = run_ansible(tmp_path, *command, check=False)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    return run


def test_all_hosts_of_all_plays_have_one_model_also_when_the_groups_overlap(play):
    code, output = play(MODEL.format(group="zookeeper") + MODEL.format(group="clickhouse"))
    assert code == 0, output
    for host in ("zk1", "zk2", "ch1", "ch2", "ch3"):
        assert f"{host} zk1:2181,zk2:2181,ch1:2181 main 1-2" in output


def test_values_on_the_command_line_may_be_text_and_expressions_may_use_defaults(play):
    inventory = INVENTORY + "  vars: {clickhouse_zookeeper_root: '/ch/{{ topology_cluster }}'}\n"
    options = ["-e", "zookeeper_client_port=2199 topology_shards=2,1 topology_cluster=prod clickhouse_admin_password=1"]
    code, output = play(MODEL.format(group="zookeeper"), *options, inventory=inventory)
    assert code == 0, output
    assert "zk1 zk1:2199,zk2:2199,ch1:2199 prod 2-1" in output


@pytest.mark.parametrize("place", PLACES)
def test_a_port_that_only_one_play_sees_is_an_error_that_says_where_it_belongs(play, place):
    code, output = play(ROLE.format(keywords=PLACES[place]))
    assert code != 0
    assert "zk1, zk2, ch1: zookeeper_client_port: found 2199 in the variables of the play, a role or a task" in output
    assert "Set it in the inventory" in output


@pytest.mark.parametrize("group", ["zookeeper", "clickhouse"])
def test_a_variable_of_the_whole_that_hosts_disagree_on_is_an_error_in_every_play(play, group):
    inventory = INVENTORY.replace("      vars: {", "      vars: {topology_cluster: prod, ")
    code, output = play(
        MODEL.format(group=group), inventory=inventory.replace("ch3: {", "ch3: {clickhouse_ddl_path: /x, ")
    )
    assert code != 0
    assert "topology_cluster: found main (the default) on zk1, zk2 and prod on ch1, ch2, ch3" in output
    assert "clickhouse_ddl_path: found /task_queue/ddl (the default) on ch1, ch2 and /x on ch3" in output


def test_a_password_of_one_host_is_an_error_that_does_not_show_it(play):
    inventory = INVENTORY.replace("ch3: {", "ch3: {clickhouse_cluster_password: swordfish, ")
    code, output = play(MODEL.format(group="clickhouse"), inventory=inventory)
    assert code != 0
    assert "clickhouse_cluster_password: found one value on ch1, ch2 and another value on ch3" in output
    assert "swordfish" not in output and "sesame" not in output


def test_an_address_that_is_known_only_on_the_host_is_an_error(play):
    inventory = INVENTORY.replace("zk1: {", "zk1: {zookeeper_address: '{{ ansible_default_ipv4.address }}', ")
    code, output = play(MODEL.format(group="zookeeper"), inventory=inventory)
    assert code != 0
    assert "zk1: zookeeper_address: found an expression that fails ('ansible_default_ipv4' is undefined)" in output


@pytest.mark.parametrize("keyword", PLAYS)
def test_a_play_that_would_break_the_order_of_restarts_is_an_error(play, keyword):
    code, output = play(ROLE.format(keywords=f"{keyword}\n  roles: [zoohouse.cluster.zookeeper]"))
    assert code != 0
    assert PLAYS[keyword] in output


def test_a_strategy_that_derives_from_linear_and_one_batch_are_valid(play):
    build = "tasks: [{include_role: {name: zoohouse.cluster.topology, tasks_from: build}}]"
    code, output = play(ROLE.format(keywords=f'strategy: debug\n  serial: "100%"\n  {build}'))
    assert code == 0, output


EXTRA = """\
  vars:
    clickhouse_extra_config:
      logger: {{size: "{size}"}}
      remote_servers: {{all: {{shard: [{{replica: {{host: "{{{{ 1 + }}}}"}}}}]}}}}
    clickhouse_extra_users: "{{{{ absent.users }}}}"
"""


def test_expressions_that_fail_in_extra_configuration_are_one_error_that_says_where(play):
    code, output = play(MODEL.format(group="clickhouse"), inventory=INVENTORY + EXTRA.format(size="{{ misspelt }}"))
    assert code != 0
    assert "The inventory contradicts itself; no host was changed." in output
    for text in (
        "clickhouse_extra_config: found logger/size: an expression that fails ('misspelt' is undefined)",
        "clickhouse_extra_config: found remote_servers/all/shard/0/replica/host: an expression that fails (Syntax",
        "clickhouse_extra_users: found an expression that fails ('absent' is undefined), expected a value before",
    ):
        assert f"- ch1, ch2, ch3: {text}" in output, output
    assert "caused by" not in output


def test_an_expression_of_extra_configuration_that_fails_on_one_host_names_it(play):
    inventory = INVENTORY.replace("ch3: {", "ch3: {clickhouse_extra_config: {a: '{{ my_size }}'}, ")
    code, output = play(MODEL.format(group="clickhouse"), inventory=inventory)
    assert code != 0
    assert "- ch3: clickhouse_extra_config: found a: an expression that fails ('my_size' is undefined)" in output


def test_extra_configuration_may_use_defaults_variables_of_the_play_and_the_model(play):
    size = "{{ my_size }}{{ clickhouse_http_port }}{{ topology_model.cluster.name }}{{ hostvars.ch1.clickhouse_shard }}"
    inventory = INVENTORY + EXTRA.format(size=size).replace("1 +", "1 + 1").replace("absent.users", "{}")
    text = MODEL.format(group="clickhouse").replace("  tasks:", "  vars: {my_size: 5}\n  tasks:")
    code, output = play(text, inventory=inventory)
    assert code == 0, output


def test_extra_configuration_of_hosts_that_are_not_in_the_play_is_not_read(play):
    inventory = INVENTORY.replace("ch3: {", "ch3: {clickhouse_extra_config: {a: '{{ my_size }}'}, ")
    code, output = play(MODEL.format(group="clickhouse"), "--limit", "ch1,ch2", inventory=inventory)
    assert code == 0, output


def test_a_play_that_deploys_nothing_needs_no_extra_configuration(play):
    task = "zoohouse.cluster.topology: {zookeeper_group: zookeeper, clickhouse_group: clickhouse}"
    text = f"- hosts: clickhouse\n  gather_facts: false\n  tasks: [{{{task}}}]\n"
    code, output = play(text, inventory=INVENTORY + EXTRA.format(size="{{ misspelt }}"))
    assert code == 0, output
