# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Disks and policies."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.storage import validate_storage

COLD = {"type": "local", "path": "/mnt/cold/"}
BUCKET = {
    "type": "s3",
    "endpoint": "https://s3.example.com/b/",
    "access_key_id": "hidden",
    "secret_access_key": "hidden",
}
VOLUMES = {"hot": {"disk": "default"}, "cold": {"disk": ["cold", "bucket"]}}
STORAGE = {"disks": {"cold": COLD, "bucket": BUCKET}, "policies": {"p": {"volumes": VOLUMES, "move_factor": 0.2}}}


def errors(storage, version="25.8.1"):
    return [(error.found, error.expected) for error in validate_storage("ch1", version, storage)]


def test_valid_storage():
    assert errors(STORAGE) == errors({}) == errors({"disks": {"cold": COLD}}) == []
    assert errors({}, "18.16.1") == []


def test_a_version_without_policies():
    assert errors(STORAGE, "18.16.1") == [
        ("disks and policies, which needs ClickHouse 19.15 or later; this is 18.16.1", "")
    ]


@pytest.mark.parametrize(
    ("storage", "found", "expected"),
    [
        ({"disk": {}}, "unknown key disk", "disks or policies"),
        ({"disks": {"d": {"type": "tape"}}}, "d: type tape", "one of local, s3; others in clickhouse_extra_config"),
        ({"disks": {"d": {}}}, "d: type nothing", "one of local, s3; others in clickhouse_extra_config"),
        ({"disks": {"d": {"type": "local"}}}, "d: no path", "an absolute path that ends with a slash"),
        ({"disks": {"d": {**COLD, "path": "/x"}}}, "d: path: /x", "an absolute path that ends with a slash"),
        ({"disks": {"d": {**COLD, "speed": 1}}}, "d: unknown key speed", "one of path, keep_free_space_bytes"),
        ({"disks": {"d": {**BUCKET, "endpoint": "s3"}}}, "d: endpoint: s3", "a URL that ends with a slash"),
        (
            {"disks": {"d": {**BUCKET, "access_key_id": ""}}},
            "d: access_key_id",
            "a text",
        ),
        ({"policies": {"p": {}}}, "p: no volumes", "a dict of volumes"),
        ({"policies": {"p": {"volumes": {"v": {}}}}}, "p: v: no disk", "a disk, or a list of disks"),
        ({"policies": {"p": {"volumes": {"v": {"disk": "d"}}}}}, "p: v: the disk d", "one of default"),
        (
            {"policies": {"p": {"volumes": {"v": {"disk": "default"}}, "move_factor": 2}}},
            "p: move_factor: 2",
            "a number of at least 0 and at most 1",
        ),
    ],
)
def test_mistakes(storage, found, expected):
    assert (found, expected) in errors(storage)


def test_half_of_a_login_and_no_secret_in_a_message():
    bucket = {key: value for key, value in BUCKET.items() if key != "access_key_id"}
    expected = [("d: one of access_key_id and secret_access_key", "both or none")]
    assert errors({"disks": {"d": bucket}}) == expected
    assert "hidden" not in str(errors({"disks": {"d": {**BUCKET, "secret_access_key": "hidden\x01"}}}))


def test_a_name_that_is_none():
    assert errors({"disks": {"a b": COLD}})[0][0].startswith("disks/a b: not a name")
