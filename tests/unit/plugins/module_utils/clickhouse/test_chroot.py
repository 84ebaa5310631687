# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Whose is a chroot?"""

import json

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.chroot import record, validate_chroot

ROOT = "/clickhouse/main"
CLUSTER = {"name": "main", "replicas": [{"host": "ch2"}, {"host": "ch1"}]}
OTHER = {"name": "main", "replicas": [{"host": "other1"}]}


def subtree(znodes=0, path="", data=None, error=""):
    """As zookeeper_layout_info returns it. znodes: how many it has, the path itself included."""
    tree = {} if data is None else {path: {"data": data, "encoding": "utf-8"}}
    return {"exists": bool(znodes), "znodes": znodes, "tree": tree, "error": error}


def kept(data):
    return subtree(2, f"{ROOT}/zoohouse/cluster", data)


def validate(whole, kept, root=ROOT):
    return list(validate_chroot(root, CLUSTER, whole, kept))


@pytest.mark.parametrize(
    ("whole", "kept"),
    [
        pytest.param(subtree(), subtree(), id="no chroot"),
        pytest.param(subtree(1), subtree(), id="an empty chroot"),
        pytest.param(subtree(2), subtree(1), id="a run that was killed before it wrote the record"),
        pytest.param(subtree(80), kept(record(CLUSTER)), id="its own"),
        pytest.param(subtree(80), kept('{"cluster": "main", "hosts": ["ch1", "ch9"]}'), id="one of its hosts"),
    ],
)
def test_a_cluster_may_begin(whole, kept):
    assert validate(whole, kept) == []


@pytest.mark.parametrize("root", [ROOT, f"{ROOT}/"])
def test_the_chroot_of_other_hosts(root):
    (error,) = validate(subtree(3), kept(record(OTHER)), root)
    assert (error.check, error.subject) == ("clickhouse_zookeeper_root", "ch1")
    assert error.found == f"{root}, which is the chroot of main with other1"


@pytest.mark.parametrize("data", [None, "", "x", '{"cluster": "main"}', '{"cluster": "main", "hosts": 1}', "null"])
def test_znodes_without_a_record_that_can_be_read(data):
    (error,) = validate(subtree(30), kept(data))
    assert error.found == f"{ROOT}, which has 27 znodes, although no replica has a replicated table"


def test_a_chroot_that_cannot_be_read():
    for results in ((subtree(error="No session"), subtree()), (subtree(), subtree(error="No session"))):
        (error,) = validate(*results)
        assert error.found == f"{ROOT}, which cannot be read: No session"


def test_the_record_does_not_depend_on_the_order_of_the_hosts():
    assert json.loads(record(CLUSTER)) == {"cluster": "main", "hosts": ["ch1", "ch2"]}
    assert record(CLUSTER) == record({**CLUSTER, "replicas": CLUSTER["replicas"][::-1]})
