# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The shared configuration as elements and fragments."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.elements import (
    elements,
    fragments,
    is_reloaded,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.xml import to_xml

CONFIG = {"macros": {"colour": "red & blue"}, "merge_tree": {"a": 1, "b": True}, "max_concurrent_queries": 200}


def test_each_element_has_a_path_and_a_text():
    assert elements(CONFIG) == {
        "macros/colour": "red &amp; blue",
        "merge_tree/a": "1",
        "merge_tree/b": "true",
        "max_concurrent_queries": "200",
    }


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")))
def test_a_server_reads_the_text_that_was_written(text):
    (content,) = elements({"macros": {"a": text}}).values()
    assert (ET.fromstring(f"<from_zk>{content}</from_zk>").text or "") == text


@pytest.mark.parametrize(
    ("path", "version", "reloaded"),
    [
        ("macros/colour", "18.16.1", True),
        ("max_concurrent_queries", "18.16.1", False),
        ("max_concurrent_queries", "25.8", True),
        ("max_connections", "25.8", False),
        ("merge_tree/a", "26.9", False),
        ("distributed_ddl/pool_size", "26.9", False),
    ],
)
def test_what_a_server_takes_over_without_a_restart(path, version, reloaded):
    assert is_reloaded(path, version) is reloaded


def test_the_fragment_that_a_server_reads_when_it_starts_changes_with_the_znodes():
    contents = elements(CONFIG)
    before, after, reloaded = (
        fragments({**contents, **change}, "18.16.1")
        for change in ({}, {"merge_tree/a": "2"}, {"macros/colour": "green"})
    )
    assert before["zz-shared"] == after["zz-shared"] and before == reloaded
    assert before["zz-shared-restart"]["digest"] != after["zz-shared-restart"]["digest"]
    assert before["zz-shared-restart"]["elements"] == after["zz-shared-restart"]["elements"]
    assert to_xml("clickhouse", before["zz-shared"]["elements"]).split() == (
        [
            "<clickhouse>",
            "<macros>",
            "<colour",
            'replace="replace"',
            'from_zk="/zoohouse/config/current/macros/colour"/>',
            "</macros>",
            "</clickhouse>",
        ]
    )
    assert set(fragments({"macros/colour": "red"}, "18.16.1")) == {"zz-shared"}
    assert fragments({}, "18.16.1") == {}
