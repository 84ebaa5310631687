# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""One znode, in a tree in memory."""

import binascii
from types import SimpleNamespace

import pytest
from helpers import run_module
from kazoo.exceptions import NodeExistsError, NoNodeError, NotEmptyError

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.znode import converge, diff_text, wanted_bytes
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
def test_a_value_that_is_no_base64_is_invalid(value):
    with pytest.raises(binascii.Error):
        wanted_bytes(value, "base64")


def test_a_value_in_a_diff():
    assert (diff_text(None), diff_text(b"text"), diff_text(b"\xff")) == ("", "text\n", "\\xff\n")


@pytest.mark.parametrize(("value", "held"), [(b"x", b"x"), (None, b"")])
def test_a_znode_is_created(value, held):
    tree = Tree()
    result = converge(tree, params(), value, check_mode=False)
    assert (result["changed"], result["created"], result["version"]) == (True, True, 0)
    assert tree.values == {"/a": (held, 0)}
    assert converge(tree, params(), value, check_mode=False)["changed"] is False


def test_a_value_is_changed():
    tree = Tree(a=b"old")
    result = converge(tree, params(), b"new", check_mode=False)
    assert (result["changed"], result["created"], result["version"]) == (True, False, 1)
    assert (result["diff"]["before"], result["diff"]["after"]) == ("old\n", "new\n")


def test_a_value_is_kept_when_none_is_given():
    tree = Tree(a=b"old")
    assert converge(tree, params(), None, check_mode=False)["changed"] is False
    assert tree.values == {"/a": (b"old", 0)}


@pytest.mark.parametrize("tree", [Tree(), Tree(a=b"old")])
def test_check_mode_only_reports(tree):
    before = dict(tree.values)
    assert converge(tree, params(), b"new", check_mode=True)["changed"] is True
    converge(tree, params(state="absent"), None, check_mode=True)
    assert tree.values == before


def test_a_znode_that_another_client_creates_meanwhile_is_still_converged():
    class Raced(Tree):
        def create(self, path, value, makepath):
            self.values.setdefault(path, (b"theirs", 0))
            super().create(path, value, makepath)

    tree = Raced()
    assert converge(tree, params(), b"ours", check_mode=False)["version"] == 1
    assert tree.values["/a"][0] == b"ours"


def test_a_znode_is_deleted():
    tree = Tree(a=b"old")
    result = converge(tree, params(state="absent"), None, check_mode=False)
    assert (result["changed"], result["version"], tree.values) == (True, -1, {})
    assert converge(tree, params(state="absent"), None, check_mode=False)["changed"] is False


def test_a_znode_with_children_is_deleted_only_with_them():
    tree = Tree(**{"a": b"", "a/b": b""})
    with pytest.raises(NotEmptyError):
        converge(tree, params(state="absent"), None, check_mode=False)
    assert len(tree.values) == 2
    assert converge(tree, params(state="absent", recursive=True), None, check_mode=False)["changed"] is True
    assert tree.values == {}


def errors(monkeypatch, **args):
    result = run_module(monkeypatch, zookeeper_znode.main, {"hosts": ["zk1"], "path": "/a", **args})
    assert result["failed"]
    return result["msg"]


@pytest.mark.parametrize("path", ["a", "/", "//a", "/a//b", "/zookeeper", "/zookeeper/"])
def test_an_invalid_path_is_an_error(monkeypatch, path):
    assert repr(path) in errors(monkeypatch, path=path)


def test_invalid_options_are_errors_before_any_connection(monkeypatch):
    assert "zk1:x" in errors(monkeypatch, hosts=["zk1:x"])
    errors(monkeypatch, value="hi!", value_encoding="base64")
