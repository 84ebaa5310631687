# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Every engine takes over the keys of <zookeeper>, and knows those that the role refuses."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from engines import NODE, VERSIONS, Engine
from rendering import evaluate, render, write

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import has
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.zookeeper_client import REFUSED
from inventories import INVENTORIES, metadata

CREATE = "CREATE TABLE t (n Int8) ENGINE = ReplicatedMergeTree('/t', 'r') ORDER BY n"
WITH_ACLS = [version for version in VERSIONS if has(version, "zookeeper_path_acls")]
# Keys that earlier engines reject as unknown.
NEW = {"use_xid_64": "25.8", "password": "25.8", "pass_opentelemetry_tracing_context": "26.3"}
NEVER = ("path_acl",)
ACL = {"path": "/t/replicas", "scheme": "digest", "id": "reader:aGFzaA==", "permissions": "read,create"}


def stored(port, root, version, **client):
    """An inventory that keeps nothing but tables in an ensemble on the loopback."""
    nothing = {"clickhouse_metadata": {}, "clickhouse_named_collections_key": "", "clickhouse_auxiliary_zookeepers": {}}
    return metadata(port, root, version, **nothing, clickhouse_zookeeper_client=client)


@pytest.fixture
def load(version, ensemble, tmp_path):
    """A function that gives an engine with keys of the client, and its chroot."""
    engines = []

    def load_with(**client):
        root = f"/contract/client-{version}-{len(ensemble.client.get_children('/contract'))}"
        ensemble.client.create(root)
        write(render(stored(ensemble.port, root, version, **client), version), tmp_path)
        engines.append(Engine(version, tmp_path))
        return engines[-1], root

    ensemble.client.ensure_path("/contract")
    yield load_with
    for engine in engines:
        # With replicated tables the library does not end by itself.
        engine.kill()


def test_where_a_server_registers(load, ensemble):
    engine, root = load(sessions_path="/own/sessions")
    engine.query(CREATE)
    assert {"own", "t"} <= set(ensemble.client.get_children(root))
    assert ensemble.client.exists(f"{root}/own/sessions") and not ensemble.client.exists(f"{root}/clickhouse")


@pytest.mark.parametrize("version", WITH_ACLS, indirect=True)
def test_an_acl_of_a_znode_is_added_to_the_one_of_everybody(load, ensemble):
    engine, root = load(path_acls=[ACL])
    engine.query(CREATE)
    found = {path: acls(ensemble, f"{root}{path}") for path in ("/t", "/t/replicas", "/t/log")}
    everybody = ("world", "anyone", ("ALL",))
    assert found == {
        "/t": {everybody},
        "/t/replicas": {everybody, ("digest", "reader:aGFzaA==", ("CREATE", "READ"))},
        "/t/log": {everybody},
    }


def acls(ensemble, path):
    found, _stat = ensemble.client.get_acls(path)
    return {(acl.id.scheme, acl.id.id, tuple(sorted(acl.acl_list))) for acl in found}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_zones_of_members(version):
    """The library does not know where it is itself; test_features.py shows that it looks for that."""
    client = {"prefer_local_availability_zone": True, "availability_zones": {"127.0.0.1": "a", "127.0.0.3": "b"}}
    common = {**INVENTORIES["shards"].common, "clickhouse_zookeeper_client": client}
    inventory = replace(INVENTORIES["shards"], common=common)
    assert evaluate(inventory, version, "__clickhouse_settings.errors") == []
    (text,) = [text for path, text in render(inventory, version).items() if path.endswith("/config.d/zookeeper.xml")]
    section = ET.fromstring(text).find("zookeeper")
    found = {node.findtext("host"): node.findtext("availability_zone") for node in section.findall("node")}
    assert found == {"127.0.0.1": "a", "127.0.0.2": None, "127.0.0.3": "b"}
    assert section.findtext("prefer_local_availability_zone") == "true" and section.find("availability_zones") is None


@pytest.mark.parametrize("key", sorted(set(REFUSED) - {"node", "root", "session_timeout_ms", "implementation"}))
def test_an_engine_knows_what_the_role_refuses(start, version, key):
    """So the reason is not that the key is unknown."""
    fragment = f"<zookeeper>{NODE}<{key}>{'in_order' if key == 'keeper_load_balancing' else 0}</{key}></zookeeper>"
    known = key not in NEVER and (key not in NEW or parts(version) >= parts(NEW[key]))
    with pytest.raises(ClickHouseError, match="All connection tries failed" if known else f"Unknown key {key}"):
        start(version, {"config.d/a.xml": fragment}).query(CREATE)


def parts(version):
    return [int(part) for part in version.split(".")]
