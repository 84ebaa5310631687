# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The fragments that include the shared configuration. Libraries have no from_zk: the unit tests load them."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from rendering import evaluate, render

from inventories import OTHERS

SHARED = OTHERS["shared"]


def included(version, inventory=SHARED):
    """The paths of elements, by fragment, with the znode that each of them includes."""
    found = {}
    for path, text in render(inventory, version).items():
        if Path(path).stem.startswith("zz-shared"):
            root = ET.fromstring(text)
            items = {section.tag: section for section in root if section.get("from_zk")}
            items |= {f"{section.tag}/{child.tag}": child for section in root for child in section}
            assert all(element.get("replace") for element in items.values())
            found[Path(path).stem] = {name: element.get("from_zk") for name, element in items.items()}
    return found


def place(*paths):
    return {path: f"/zoohouse/config/current/{path}" for path in paths}


@pytest.mark.parametrize(
    ("version", "reloaded", "restarted"),
    [
        ("18.16.1", ["macros/colour"], ["max_concurrent_queries", "merge_tree/parts_to_throw_insert"]),
        ("25.8", ["macros/colour", "max_concurrent_queries"], ["merge_tree/parts_to_throw_insert"]),
    ],
)
def test_each_element_is_in_the_fragment_that_does_what_a_change_needs(version, reloaded, restarted):
    assert included(version) == {"zz-shared": place(*reloaded), "zz-shared-restart": place(*restarted)}
    paths = evaluate(SHARED, version, "__clickhouse_restart_paths")
    assert [path for path in paths if "zz-shared" in path] == ["/etc/clickhouse-server/config.d/zz-shared-restart.xml"]


def test_a_section_around_included_elements_replaces_nothing():
    for path, text in render(SHARED, "25.8").items():
        if Path(path).stem.startswith("zz-shared"):
            assert [section.tag for section in ET.fromstring(text) if len(section) and section.attrib] == []


def test_without_shared_elements_there_is_no_fragment_and_no_step():
    inventory = replace(SHARED, common={**SHARED.common, "clickhouse_shared_config": {}})
    assert included("25.8", inventory) == {}
    assert evaluate(inventory, "25.8", "__clickhouse_configure_step") == "configure.yml"


def test_the_role_validates_the_shared_configuration():
    wrong = {"clickhouse_shared_config": {"max_concurent_queries": 1, "macros": {"shard": "01"}}}
    inventory = replace(SHARED, common={**SHARED.common, **wrong})
    errors = evaluate(inventory, "25.8", "__clickhouse_input_errors")
    assert [error["check"] for error in errors] == ["clickhouse_shared_config"]
    assert included("25.8", inventory) == {}
