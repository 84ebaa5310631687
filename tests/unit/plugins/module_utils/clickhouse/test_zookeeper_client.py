# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Keys of the client of ZooKeeper."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.server_settings import (
    build_fragments,
    validate_settings,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.settings import ZOOKEEPER
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.zookeeper_client import REFUSED

ACL = {"path": "/t/replicas", "scheme": "world", "id": "anyone", "permissions": "read,create"}


def errors(client, version="25.8.1", members=("zk1", "zk2")):
    variables = {"clickhouse_zookeeper_client": client, "zookeeper_hosts": members}
    found = validate_settings("ch1", version, variables)
    assert all(error.check == "clickhouse_zookeeper_client" for error in found)
    return [error.found for error in found]


def test_valid_keys():
    zones = {"prefer_local_availability_zone": True, "availability_zones": {"zk1": "eu-1a"}}
    assert errors({**zones, "sessions_path": "/a/b", "path_acls": [ACL]}) == []


def test_acls_and_zones_as_elements():
    client = {"path_acls": [ACL, ACL], "availability_zones": {"zk1": "a"}}
    section = build_fragments({"clickhouse_zookeeper_client": client}, "25.8.1")["zookeeper"]["zookeeper"]
    assert section == {"path_acls": {"acl": [ACL, ACL]}}


@pytest.mark.parametrize("key", REFUSED)
def test_keys_that_are_refused_with_a_reason(key):
    assert key not in ZOOKEEPER
    for version in ("18.16.1", "26.9.1"):
        assert errors({key: 1}, version) == [f"{key}: {REFUSED[key]}"]


@pytest.mark.parametrize(
    ("client", "found"),
    [
        ({"prefer_local_availability_zone": True}, "prefer_local_availability_zone without zones"),
        ({"availability_zones": {"zk9": "a"}}, "availability_zones: the member zk9"),
        ({"availability_zones": {"zk1": "a b"}}, "availability_zones: {'zk1': 'a b'}"),
        ({"availability_zones": ["a"]}, "availability_zones: ['a']"),
        ({"sessions_path": "sessions"}, "sessions_path: sessions"),
        ({"path_acls": ACL}, f"path_acls: {ACL}"),
        *[
            ({"path_acls": [{**ACL, **wrong}]}, f"path_acls: {[{**ACL, **wrong}]}")
            for wrong in ({"path": "t"}, {"scheme": "all"}, {"id": ""}, {"permissions": "read, create"}, {"x": 1})
        ],
    ],
)
def test_values_that_are_none(client, found):
    assert errors(client) == [found]


def test_what_a_version_lacks():
    assert len(errors({"sessions_path": "/s", "path_acls": [ACL]}, "18.16.1")) == 2
    assert errors({"path_acls": [ACL]}, "24.8.1") == ["path_acls, which needs ClickHouse 25.8 or later; this is 24.8.1"]
