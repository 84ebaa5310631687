# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""One znode, as it should be, in a tree that lives in memory."""

import binascii
from types import SimpleNamespace

import pytest
from helpers import run_module
from kazoo.exceptions import NodeExistsError, NoNodeError, NotEmptyError

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.znode import converge, shown, wanted_bytes
from ansible_collections.zoohouse.cluster.plugins.modules import zookeeper_znode


class Tree:
    """The four calls of a kazoo client that the module makes."""

    def __init__(self, **values):
        self.values = {f"/{name}": (value, 0) for name, value in values.items()}

    def get(self, path):
        if path not in self.values:
            raise NoNodeError
        value, version = self.values[path]
        children = sum(other.startswith(f"{path}/") for other in self.values)
        return value, SimpleNamespace(version=version, numChildren=children)

    def create(self, path, value, makepath):
        assert makepath
        if path in self.values:
            raise NodeExistsError
        self.values[path] = (value, 0)

    def set(self, path, value, version):
        assert version == self.values[path][1]
        self.values[path] = (value, version + 1)
        return SimpleNamespace(version=version + 1)

    def delete(self, path, recursive):
        self.values = {
            other: value
            for other, value in self.values.items()
            if other != path and not (recursive and other.startswith(f"{path}/"))
        }


def params(**changes):
    return {"path": "/a", "state": "present", "recursive": False, **changes}


@pytest.mark.parametrize(
    ("value", "encoding", "wanted"),
    [
        (None, "utf-8", None),
        (None, "base64", None),
        ("", "utf-8", b""),
        ("zażółć", "utf-8", "zażółć".encode()),
        ("AP8=", "base64", b"\x00\xff"),
        ("", "base64", b""),
    ],
)
def test_wanted_bytes(value, encoding, wanted):
    assert wanted_bytes(value, encoding) == wanted


@pytest.mark.parametrize("value", ["A", "AP8", "A P8=", "hi!"])
def test_a_value_that_is_no_base64_is_refused(value):
    with pytest.raises(binascii.Error):
        wanted_bytes(value, "base64")


def test_a_value_in_a_diff():
    assert (shown(None), shown(b"text"), shown(b"\xff")) == ("", "text\n", "\\xff\n")


@pytest.mark.parametrize(("value", "held"), [(b"x", b"x"), (None, b"")])
def test_a_znode_is_created(value, held):
    tree = Tree()
    told = converge(tree, params(), value, dry=False)
    assert (told["changed"], told["created"], told["version"]) == (True, True, 0)
    assert tree.values == {"/a": (held, 0)}
    assert converge(tree, params(), value, dry=False)["changed"] is False


def test_a_value_is_changed():
    tree = Tree(a=b"old")
    told = converge(tree, params(), b"new", dry=False)
    assert (told["changed"], told["created"], told["version"]) == (True, False, 1)
    assert (told["diff"]["before"], told["diff"]["after"]) == ("old\n", "new\n")


def test_a_value_is_kept_when_none_is_asked_for():
    tree = Tree(a=b"old")
    assert converge(tree, params(), None, dry=False)["changed"] is False
    assert tree.values == {"/a": (b"old", 0)}


@pytest.mark.parametrize("tree", [Tree(), Tree(a=b"old")])
def test_check_mode_only_tells(tree):
    before = dict(tree.values)
    assert converge(tree, params(), b"new", dry=True)["changed"] is True
    converge(tree, params(state="absent"), None, dry=True)
    assert tree.values == before


def test_a_znode_that_another_client_creates_meanwhile_is_still_converged():
    class Raced(Tree):
        def create(self, path, value, makepath):
            self.values.setdefault(path, (b"theirs", 0))
            super().create(path, value, makepath)

    tree = Raced()
    assert converge(tree, params(), b"ours", dry=False)["version"] == 1
    assert tree.values["/a"][0] == b"ours"


def test_a_znode_is_deleted():
    tree = Tree(a=b"old")
    told = converge(tree, params(state="absent"), None, dry=False)
    assert (told["changed"], told["version"], tree.values) == (True, -1, {})
    assert converge(tree, params(state="absent"), None, dry=False)["changed"] is False


def test_a_znode_with_children_is_deleted_only_with_them():
    tree = Tree(**{"a": b"", "a/b": b""})
    with pytest.raises(NotEmptyError):
        converge(tree, params(state="absent"), None, dry=False)
    assert len(tree.values) == 2
    assert converge(tree, params(state="absent", recursive=True), None, dry=False)["changed"] is True
    assert tree.values == {}


def refused(monkeypatch, **args):
    told = run_module(monkeypatch, zookeeper_znode.main, {"hosts": ["zk1"], "path": "/a", **args})
    assert told["failed"]
    return told["msg"]


@pytest.mark.parametrize("path", ["a", "/", "//a", "/a//b", "/zookeeper", "/zookeeper/"])
def test_a_path_that_is_none_is_refused(monkeypatch, path):
    assert repr(path) in refused(monkeypatch, path=path)


def test_bad_input_is_refused_before_anybody_is_asked(monkeypatch):
    assert "zk1:x" in refused(monkeypatch, hosts=["zk1:x"])
    refused(monkeypatch, value="hi!", value_encoding="base64")
