# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Wrong metadata in ZooKeeper is a validation error that names the variable and shows no key."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.stores import STORES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.validate import validate_metadata
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.wanted import Wanted

KEY = "0123456789abcdef" * 2
ENSEMBLE = {"nodes": [{"host": "zk9"}]}


def errors(stores=None, config=None, users=None, profiles=None, **changes):
    values = {
        "version": "26.9.1.1",
        "cluster": "main",
        "root": "/clickhouse/main",
        "ddl_path": "/task_queue/ddl",
        "stores": stores or {},
        "collections_key": KEY if "named_collections" in (stores or {}) else "",
        **changes,
    }
    found = list(validate_metadata("ch1", Wanted(**values), config or {}, users or {}, profiles or {}))
    assert all(error.subject == "ch1" for error in found)
    assert not any(KEY in error.sentence() for error in found)
    return found


def only(*arguments, **changes):
    (error,) = errors(*arguments, **changes)
    return error


def test_nothing_is_fine_on_every_version():
    assert errors(version="18.16.1") == errors() == []


def test_everything_is_fine_on_a_version_that_has_it():
    assert errors({key: {} for key in STORES}, auxiliary={"archive-1": ENSEMBLE}) == []


@pytest.mark.parametrize("key", STORES)
def test_what_a_version_lacks_names_the_first_that_has_it(key):
    first = errors({key: {}}, version="18.16.1")[0]
    assert first.check == f"clickhouse_metadata.{key}"
    assert "needs ClickHouse 2" in first.found and "this is 18.16.1" in first.found


def test_encryption_of_collections_is_younger_than_they_are():
    error = only({"named_collections": {}}, version="24.8.1")
    assert error.check == "clickhouse_metadata.named_collections.storage"
    assert errors({"named_collections": {"storage": "plain"}}, version="24.8.1", collections_key="") == []


def test_second_ensembles_need_a_version_too():
    assert only(auxiliary={"archive": ENSEMBLE}, version="18.16.1").check == "clickhouse_auxiliary_zookeepers"


def test_a_version_that_is_none_is_left_to_the_installation():
    assert errors({"functions": {}}, version="head") == errors({"functions": {}}, version="") == []


@pytest.mark.parametrize("path", ["udf", "/", "/a//b", "/a/", "/a/../b", "/.", "other:/udf", "/{shard}/udf", "/a\nb"])
def test_a_path_is_absolute_and_plain(path):
    error = only({"functions": {"path": path}})
    assert (error.check, error.found) == ("clickhouse_metadata.functions.path", path)


def test_the_directory_of_users_on_disk_is_absolute():
    error = only({"access": {"local_path": "access"}})
    assert (error.check, error.found) == ("clickhouse_metadata.access.local_path", "access")


@pytest.mark.parametrize("path", ["/udf", "/a & b/ü", "/clickhouse/.hidden", "/a/..b"])
def test_usual_paths(path):
    assert errors({"functions": {"path": path}}) == []


@pytest.mark.parametrize(
    "path", ["/workloads", "/workloads/functions", "/task_queue", "/task_queue/ddl/x", "/zoohouse/config"]
)
def test_paths_that_meet(path):
    error = only({"functions": {"path": path}, "workloads": {}})
    assert error.check == "clickhouse_metadata" and f"functions at /clickhouse/main{path}" in error.found


@pytest.mark.parametrize(
    ("root", "valid"), [("/zoohouse", False), ("/zoohouse/main", False), ("/zoohouses", True), ("/", True)]
)
def test_the_chroot_is_apart_from_the_registry(root, valid):
    found = errors(root=root)
    assert [error.check for error in found] == ([] if valid else ["clickhouse_zookeeper_root"])


def test_a_key_has_the_length_of_an_algorithm():
    for key in (KEY[:31], "x" * 32, KEY + "0"):
        error = only({"named_collections": {}}, collections_key=key)
        assert error.found == f"a text of {len(key)} characters" and "aes_256_ctr" in error.expected
    for key in (KEY, KEY + KEY[:16], KEY * 2, KEY.upper()):
        assert errors({"named_collections": {}}, collections_key=key) == []


def test_a_key_is_needed_unless_the_plain_storage_is_chosen():
    missing = only({"named_collections": {}}, collections_key="")
    assert missing.check == "clickhouse_named_collections_key" and "storage: plain" in missing.hint
    unused = only({"named_collections": {"storage": "plain"}})
    assert unused.check == "clickhouse_named_collections_key" and "does not store encrypted" in unused.found


@pytest.mark.parametrize("options", [None, True, "/udf", []])
def test_options_are_a_dict(options):
    error = only({"functions": options})
    assert error.check == "clickhouse_metadata.functions" and "{} for the path /functions" in error.expected


def test_an_unknown_key():
    assert only({"function": {}}).found == "function"


@pytest.mark.parametrize(
    ("name", "options", "check"),
    [
        ("default", ENSEMBLE, ""),
        ("a.b", ENSEMBLE, ""),
        ("a", {}, ".a.nodes"),
        ("a", {"nodes": ["zk9:2181"]}, ".a.nodes"),
        ("a", {"nodes": [{"host": "zk9", "port": 0}]}, ".a.nodes"),
        ("a", {"nodes": [{"host": "zk9", "prot": 1}]}, ".a.nodes"),
        ("a", {"nodes": [{"port": 2181}]}, ".a.nodes"),
        ("a", {**ENSEMBLE, "root": "x"}, ".a.root"),
        ("a", {**ENSEMBLE, "session_timeout_ms": "long"}, ".a.session_timeout_ms"),
        ("a", {**ENSEMBLE, "chroot": "/x"}, ".a"),
    ],
)
def test_a_second_ensemble(name, options, check):
    assert only(auxiliary={name: options}).check == f"clickhouse_auxiliary_zookeepers{check}"


@pytest.mark.parametrize("root", ["/clickhouse/main", "/clickhouse", "", "/clickhouse/main/a"])
def test_a_second_ensemble_is_not_the_chroot_of_the_cluster_again(root):
    addresses = [{"host": host, "port": 2181, "secure": False} for host in ("zk1", "zk9")]
    error = only(auxiliary={"archive": {**ENSEMBLE, "root": root}}, addresses=addresses)
    assert error.check == "clickhouse_auxiliary_zookeepers.archive.root"
    assert errors(auxiliary={"archive": {**ENSEMBLE, "root": "/clickhouse/other"}}, addresses=addresses) == []
    assert errors(auxiliary={"archive": {**ENSEMBLE, "root": root}}, addresses=[{**addresses[1], "port": 2281}]) == []


@pytest.mark.parametrize(("version", "valid"), [("18.16.1", False), ("20.10.1.1", True)])
def test_tls_to_the_ensemble_needs_a_version_that_does_not_ignore_it(version, valid):
    found = errors(version=version, addresses=[{"host": "zk1", "port": 2281, "secure": True}])
    assert [error.check for error in found] == ([] if valid else ["clickhouse_zookeeper_nodes"])
    assert errors(version=version, addresses=[{"host": "zk1", "port": 2281, "secure": False}]) == []


def test_the_extra_configuration_must_not_set_the_same():
    config = {"user_defined_zookeeper_path": "/x", "backups": {"allowed_disk": "b"}}
    error = only({"functions": {}, "backups": {}}, config=config)
    assert error.check == "clickhouse_extra_config" and "clickhouse_metadata.functions" in error.found
    assert errors({"workloads": {}}, config=config) == []


def test_another_store_of_users_can_be_added():
    assert errors({"access": {}}, config={"user_directories": {"ldap": {"server": "l"}}}) == []
    for content in ({"replicated": {}}, {"@replace": 1, "memory": {}}):
        assert "clickhouse_extra_config" in {
            error.check for error in errors({"access": {}}, config={"user_directories": content})
        }


@pytest.mark.parametrize("cluster", ["main", "a.b", "1"])
def test_the_discovered_cluster_has_a_name_of_its_own(cluster):
    error = only({"discovery": {"cluster": cluster}})
    assert (error.check, error.found) == ("clickhouse_metadata.discovery.cluster", cluster)


def test_other_clusters_beside_the_discovered_one():
    config = {"remote_servers": {"other": {"shard": []}}}
    assert errors({"discovery": {}}, config=config) == []
    config = {"remote_servers": {"main_discovered": {"discovery": {"shard": 2}}}}
    assert "clickhouse_metadata.discovery" in only({"discovery": {}}, config=config).found


def test_replicated_is_no_default_engine_of_databases():
    users = {"profiles": {"default": {"default_database_engine": "Replicated"}}}
    error = only(users=users)
    assert error.expected == "Atomic or Ordinary" and "ENGINE = Replicated" in error.hint
    assert errors(users={"profiles": {"default": {"default_database_engine": "Ordinary"}}}) == []
    error = only(profiles={"web": {"settings": {"default_database_engine": "Replicated"}}})
    assert (error.check, error.found) == ("clickhouse_profiles", "web/settings/default_database_engine: Replicated")


@pytest.mark.parametrize("name", ["use_xid_64", "use_compression"])
def test_keys_of_the_client_that_need_keeper(name):
    assert "needs ClickHouse Keeper" in only(config={"zookeeper": {name: True}}).found
    assert errors(config={"zookeeper": {name: 0}}) == []


def test_settings_of_a_profile_that_need_keeper():
    users = {"profiles": {"default": {"allow_experimental_kafka_offsets_storage_in_keeper": 1, "max_threads": 1}}}
    assert "profiles/default/allow_experimental_kafka" in only(users=users).found
    assert "S3Queue" in only(users={"profiles": {"a": {"s3queue_default_zookeeper_path": "/q"}}}).found
    assert "S3Queue" in only(profiles={"a": {"settings": {"s3queue_default_zookeeper_path": "/q"}}}).found
    assert errors(profiles={"a": None, "b": {"settings": {"allow_kafka_offsets_storage_in_keeper": False}}}) == []
