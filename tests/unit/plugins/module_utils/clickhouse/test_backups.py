# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Where backups may be written."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.backups import (
    backups_element,
    declared_disks,
    validate_backups,
)

DISKS = ["default", "backups"]
PATH = "an absolute path that ends with a slash, such as /backups/"


def errors(options, version="25.8.1"):
    return [(error.found, error.expected) for error in validate_backups("ch1", version, options, DISKS)]


def test_valid_options():
    assert errors({}, "18.16.1") == errors({"allowed_disk": "backups", "allowed_path": "/backups/"}) == []
    assert errors({"allowed_disk": DISKS, "allowed_path": ["/a/", "/b/c/"]}) == errors({"allowed_disk": None}) == []


def test_a_list_repeats_its_element():
    assert backups_element({"allowed_disk": DISKS, "allowed_path": "/b/"}) == {
        "backups": {"allowed_disk": DISKS, "allowed_path": ["/b/"]}
    }


def test_a_version_without_backups():
    assert errors({"allowed_disk": "backups"}, "18.16.1") == [
        ("backups, which needs ClickHouse 22.8 or later; this is 18.16.1", "")
    ]


def test_disks_of_several_variables():
    extra = {"disks": {"plain": {"type": "s3_plain"}, "backups": {}}}
    assert declared_disks({"disks": {"backups": {}}}, extra) == ["default", "backups", "plain"]
    assert declared_disks({}, None, {"disks": ["a"]}) == ["default"]


@pytest.mark.parametrize(
    ("options", "found", "expected"),
    [
        ({"disk": "backups"}, "unknown key disk", "one of allowed_disk, allowed_path"),
        ({"allowed_disk": "backup"}, "allowed_disk: backup", "one of default, backups"),
        ({"allowed_disk": ["backups", 7]}, "allowed_disk: 7", "one of default, backups"),
        ({"allowed_disk": {"name": "backups"}}, "allowed_disk: {'name': 'backups'}", "one of default, backups"),
        ({"allowed_path": "backups/"}, "allowed_path: backups/", PATH),
        ({"allowed_path": "/backups"}, "allowed_path: /backups", PATH),
        ({"allowed_path": "/"}, "allowed_path: /", PATH),
    ],
)
def test_mistakes(options, found, expected):
    assert errors(options) == [(found, expected)]
