# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What a server has read is compared with what is in the znodes."""

import os

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.included import check_included

ELEMENTS = {"macros/colour": "red &amp; blue", "max_concurrent_queries": "200"}
MACROS = "<macros>\n <colour>red &amp; blue </colour>\n</macros>"
READ = f"<yandex>{MACROS}<max_concurrent_queries>200</max_concurrent_queries></yandex>"


def found(directory, text, elements=ELEMENTS, name="config.xml"):
    (directory / name).write_text(text)
    return [(finding.found, finding.expected) for finding in check_included(str(directory), "ch1", elements)]


def test_a_server_that_has_read_the_znodes(tmp_path):
    assert found(tmp_path, READ) == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (">200<", ">100<", ("max_concurrent_queries is 100", "200")),
        ("colour>", "color>", ("macros/colour is missing", "red &amp; blue")),
        ("<colour>red &amp; blue </colour>", '<colour from_zk="/a"/>', ("macros/colour is empty", "red &amp; blue")),
        (">200<", "><a>200</a><", ("max_concurrent_queries is <a>200</a>", "200")),
        (">200<", f">{'9' * 90}<", (f"max_concurrent_queries is {'9' * 77}...", "200")),
    ],
)
def test_a_server_that_has_not(tmp_path, old, new, finding):
    assert old in READ
    assert found(tmp_path, READ.replace(old, new)) == [finding]


def test_the_newest_file_counts(tmp_path):
    (tmp_path / "_etc_clickhouse-server_config.xml").write_text("<yandex/>")
    os.utime(tmp_path / "_etc_clickhouse-server_config.xml", (1, 1))
    assert found(tmp_path, READ) == []


def test_a_configuration_that_cannot_be_read(tmp_path):
    assert check_included(str(tmp_path), "ch1", {}) is not None
    assert [finding.found for finding in check_included(str(tmp_path), "ch1", ELEMENTS)] == [
        f"{tmp_path}: no such file"
    ]
    ((text, expected),) = found(tmp_path, "<yandex>")
    assert text.startswith(f"{tmp_path}: no element found") and expected == "the configuration of the server"
    assert found(tmp_path, "<yandex>", {}) == []
