# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The inventory plugin, run by ansible-inventory, with a real ZooKeeper and a server that answers as captured."""

import json
import os

import pytest
import yaml
from helpers import closed_port, http_server, run_ansible
from kazoo.client import KazooClient
from zookeeper_server import zookeeper

from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.entry import Entry, encode

PORTS = {"http": 8123, "tcp": 9000, "interserver": 9009, "check": 9180}
SERVER = {"login_user": "admin", "login_password": "secret"}


def entry(host, shard):
    return Entry("main", shard, host, host, (host, f"10.0.0.2{host[-1]}"), PORTS, "18.16.1")


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory):
    with zookeeper(tmp_path_factory.mktemp("zookeeper")) as server:
        client = KazooClient(hosts=server.endpoint)
        client.start()
        for host, shard in (("ch1", "01"), ("ch2", "01"), ("ch3", "02")):
            item = entry(host, shard)
            client.create(f"/zoohouse{item.path}", encode(item), ephemeral=True, makepath=True)
        client.create("/zoohouse/main/02/note", b"hello")
        yield server
        client.stop()
        client.close()


def clusters(query):
    """A server of which ch4, without an entry in the registry, is here."""
    if "system.macros" in query:
        return json.dumps({"data": [{"macro": "shard", "substitution": "02"}]})
    row = {"cluster": "main", "shard_num": 2, "host_name": "ch4", "host_address": "127.0.0.1", "port": 9000}
    return json.dumps({"data": [row, {**row, "cluster": "other", "host_name": "ch9"}]})


def inventory(directory, check=True, **options):
    """What ansible-inventory lists; the text of its failure with check=False."""
    path = directory / "registry.yml"
    path.write_text(yaml.safe_dump({"plugin": "zoohouse.cluster.registry", "connect_timeout": 2.0, **options}))
    done = run_ansible(directory, "ansible-inventory", "-i", str(path), "--list", check=check)
    return json.loads(done.stdout) if check else " ".join((done.stdout + done.stderr).split())


def hosts_of(listed):
    """The variables of the hosts. Ansible marks texts from elsewhere, so that they are never templates."""
    return {
        host: {
            name: value.get("__ansible_unsafe") if isinstance(value, dict) else value for name, value in item.items()
        }
        for host, item in listed["_meta"]["hostvars"].items()
    }


def test_the_registry(tmp_path, ensemble):
    listed = inventory(tmp_path, zookeeper=[ensemble.endpoint])
    assert listed["clickhouse"]["hosts"] == ["ch1", "ch2", "ch3"]
    assert (listed["shard_01"]["hosts"], listed["shard_02"]["hosts"]) == (["ch1", "ch2"], ["ch3"])
    assert listed["zookeeper"]["hosts"] == ["127.0.0.1"]
    assert hosts_of(listed)["ch2"]["ansible_host"] == "10.0.0.22"
    assert hosts_of(listed)["ch2"]["registry_state"] == "up"


def test_system_clusters_alone(tmp_path):
    with http_server(clusters) as (port, _requests):
        listed = inventory(tmp_path, login_host="127.0.0.1", login_port=port, **SERVER)
    assert listed["clickhouse"]["hosts"] == ["ch4"] and listed["shard_02"]["hosts"] == ["ch4"]
    assert hosts_of(listed)["ch4"]["registry_state"] == "not registered"


def test_both(tmp_path, ensemble):
    with http_server(clusters) as (port, _requests):
        listed = inventory(tmp_path, zookeeper=[ensemble.endpoint], login_host="127.0.0.1", login_port=port, **SERVER)
    assert listed["clickhouse"]["hosts"] == ["ch1", "ch2", "ch3", "ch4"]


def test_an_ensemble_that_does_not_answer_leaves_system_clusters(tmp_path):
    gone = f"127.0.0.1:{closed_port()}"
    with http_server(clusters) as (port, _requests):
        listed = inventory(tmp_path, zookeeper=[gone], login_host="127.0.0.1", login_port=port, **SERVER)
    assert listed["clickhouse"]["hosts"] == ["ch4"]


def test_the_error_says_why_nothing_answers(tmp_path, ensemble):
    port = closed_port()
    text = inventory(
        tmp_path, check=False, zookeeper=[f"127.0.0.1:{port}"], login_host="127.0.0.1", login_port=port, **SERVER
    )
    assert "The replicas of cluster main are not known: zookeeper: No session: none of 127.0.0.1" in text
    assert "login_host: 127.0.0.1" in text and "refused" in text and "secret" not in text
    text = inventory(tmp_path, check=False, zookeeper=[ensemble.endpoint], cluster="other")
    assert "/zoohouse/other: no replica is registered; login_host is not set" in text


def test_the_cache_answers_while_nothing_else_does(tmp_path, ensemble):
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    with http_server(clusters) as (port, requests):
        options = {"login_host": "127.0.0.1", "login_port": port, **SERVER, **cache}
        first = inventory(tmp_path, **options)
        asked = len(requests)
        assert inventory(tmp_path, **options) == first and len(requests) == asked
    assert inventory(tmp_path, **options) == first
    assert os.listdir(tmp_path / "cache")


PLAY = """\
- hosts: zookeeper:clickhouse
  gather_facts: false
  tasks:
    - zoohouse.cluster.topology: {zookeeper_group: zookeeper, clickhouse_group: clickhouse}
      register: model
      run_once: true
    - ansible.builtin.assert:
        that: model.cluster.shards | map(attribute="name") | list == ["01", "02"]
      run_once: true
"""


def test_the_playbooks_get_a_valid_topology_from_the_registry_alone(tmp_path, ensemble):
    inventory(tmp_path, zookeeper=[ensemble.endpoint])
    passwords = {f"clickhouse_{user}_password": "x" for user in ("admin", "cluster")}
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text(yaml.safe_dump({"topology_allow_unsafe_size": True, **passwords}))
    (tmp_path / "play.yml").write_text(PLAY)
    run_ansible(tmp_path, "ansible-playbook", "-i", str(tmp_path / "registry.yml"), str(tmp_path / "play.yml"))
