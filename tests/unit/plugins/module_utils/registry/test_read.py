# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The registry in a real ZooKeeper: how it is read, and the rules of its layout that the documentation has."""

import re

import pytest
import yaml
from helpers import CHECKOUT, run_module

from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.entry import PORTS, Entry, encode
from ansible_collections.zoohouse.cluster.plugins.module_utils.registry.read import (
    read_registry,
    registry_path,
    sort_out,
)
from ansible_collections.zoohouse.cluster.plugins.modules import zookeeper_layout

PATH = registry_path("main")


def entry(host):
    return Entry("main", "01", host, host, (host,), dict.fromkeys(PORTS, 9000), "18.16.1")


@pytest.fixture
def client(client):
    """With a registry of two replicas."""
    for host in ("ch1", "ch2"):
        client.create(f"/zoohouse{entry(host).path}", encode(entry(host)), ephemeral=True, makepath=True)
    return client


def test_entries_and_foreign_znodes(client):
    client.create(f"{PATH}/01/ch9", encode(entry("ch9")))
    client.create(f"{PATH}/note", b"hello")
    client.create(f"{PATH}/empty")
    entries, foreign = sort_out(read_registry([client], PATH), PATH)
    assert entries == {f"{PATH}/01/{host}": entry(host) for host in ("ch1", "ch2")}
    assert foreign == {f"{PATH}/01/ch9": "a persistent znode", f"{PATH}/note": "not JSON"}


def test_a_cluster_that_nobody_has_registered(client):
    assert read_registry([client], registry_path("other")) == []


def rules():
    text = (CHECKOUT / "docs" / "discovery.md").read_text()
    (example,) = re.findall(r"```yaml\n(- name: Check the registry\n.+?)```", text, re.DOTALL)
    return yaml.safe_load(example)[0]["zoohouse.cluster.zookeeper_layout"]


def violations(monkeypatch, ensemble):
    arguments = {**rules(), "hosts": [ensemble.endpoint], "timeout": 0, "report_only": True}
    result = run_module(monkeypatch, zookeeper_layout.main, arguments)
    return {(item["check"], item["subject"]) for item in result["findings"] if item["severity"] != "ok"}


def test_the_registry_keeps_the_rules_of_its_documentation(monkeypatch, ensemble, client):
    assert violations(monkeypatch, ensemble) == set()


def test_what_breaks_the_rules(monkeypatch, ensemble, client):
    client.create(f"{PATH}/01/ch3", encode(entry("ch9")), ephemeral=True)
    client.create(f"{PATH}/01/ch9", encode(entry("ch9")))
    client.create(f"{PATH}/02", b"hello")
    assert violations(monkeypatch, ensemble) == {
        ("data", f"{PATH}/01/ch3"),
        ("kind", f"{PATH}/01/ch9"),
        ("bytes", f"{PATH}/02"),
        ("missing", f"{PATH}/02/{{replica}}"),
    }
