# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The configuration for metadata in ZooKeeper."""

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.stores import STORES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.wanted import Wanted, config

KEY = "0123456789abcdef" * 4


def elements(stores, **changes):
    values = {"collections_key": KEY, "auxiliary": {}, **changes}
    return config(Wanted("26.9.1.1", "main", "/clickhouse/main", "/task_queue/ddl", stores, **values))


def test_every_row_sets_exactly_its_settings():
    for key, store in STORES.items():
        content = elements({key: {}})
        for setting in (setting.replace("<cluster>", "main_discovered") for setting in store.settings):
            inner = content
            for step in setting.split("/"):
                inner = inner[step]
            assert inner
        assert set(content) == {setting.partition("/")[0] for setting in store.settings}


def test_nothing_writes_nothing():
    assert elements({}) == {}


def test_collections_are_encrypted_with_the_algorithm_of_the_key():
    assert elements({"named_collections": {"update_timeout_ms": 1000}})["named_collections_storage"] == {
        "type": "zookeeper_encrypted",
        "path": "/named_collections",
        "key_hex": KEY,
        "algorithm": "aes_256_ctr",
        "update_timeout_ms": 1000,
    }
    plain = elements({"named_collections": {"storage": "plain"}}, collections_key="")
    assert plain["named_collections_storage"] == {"type": "zookeeper", "path": "/named_collections"}


def test_users_of_files_come_first_and_no_store_of_the_package_stays():
    directories = elements({"access": {}})["user_directories"]
    assert list(directories) == ["@replace", "users_xml", "replicated"]
    assert directories["replicated"] == {"zookeeper_path": "/access"}


def test_users_on_disk_come_last():
    directories = elements({"access": {"local_path": "/data/access/"}})["user_directories"]
    assert list(directories.items())[-1] == ("local_directory", {"path": "/data/access/"})


def test_a_server_registers_with_the_number_of_its_shard():
    content = elements({"discovery": {"cluster": "alive"}}, shard=3, user="cluster", password="sesame")
    section = {"path": "/discovery", "shard": 3, "user": "cluster", "password": "sesame"}
    assert content["remote_servers"] == {"alive": {"discovery": section}}


def test_a_second_ensemble():
    nodes = [{"host": "zk8", "port": 2281, "secure": True}, {"host": "zk9"}]
    content = elements({}, auxiliary={"archive": {"nodes": nodes, "root": "/x", "session_timeout_ms": 10000}})
    assert content == {
        "auxiliary_zookeepers": {
            "archive": {
                "node": [{"host": "zk8", "port": 2281, "secure": 1}, {"host": "zk9", "port": 2181}],
                "session_timeout_ms": 10000,
                "root": "/x",
            }
        }
    }


def test_the_key_is_not_shown():
    assert KEY not in repr(Wanted("26.9.1.1", "main", "/", "/ddl", {}, collections_key=KEY))
