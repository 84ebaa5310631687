# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A walk over trees in memory, which answer as a kazoo client does."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kazoo.exceptions import ConnectionLoss, NoAuthError, NoNodeError, SessionExpiredError

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.walk import WalkError, walk


class Tree:
    """The two calls of a kazoo client that a walk makes. It answers the newest request first, when the walk waits."""

    def __init__(self, paths, errors=()):
        self.paths = {"/", *paths}
        self.errors = list(errors)
        self.requests = []
        self.waiting = self.most_waiting = 0

    def children(self, path):
        prefix = path.rstrip("/") + "/"
        return sorted(item[len(prefix) :] for item in self.paths if item.startswith(prefix) and item != "/"
                      and "/" not in item[len(prefix) :])  # fmt: skip

    def get_async(self, path):
        stat = SimpleNamespace(numChildren=len(self.children(path)))
        return self._result("get", path, (path.encode(), stat))

    def get_children_async(self, path):
        return self._result("children", path, self.children(path))

    def get(self, path):
        return self.get_async(path).get(block=True)

    def get_children(self, path):
        return self.get_children_async(path).get(block=True)

    def _result(self, kind, path, value):
        self.requests.append((kind, path))
        self.waiting += 1
        self.most_waiting = max(self.waiting, self.most_waiting)
        error = self.errors.pop(0) if self.errors else None
        if path not in self.paths:
            error = NoNodeError()

        def get(block):
            self.waiting -= 1
            if error:
                raise error
            return value

        result = SimpleNamespace(get=get)
        result.rawlink = lambda callback: callback(result)
        return result


NAMES = st.text("abc", min_size=1, max_size=3)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=4), max_size=30)


def closed(lists):
    """The paths of the lists and all their parents."""
    return {"/" + "/".join(parts[: end + 1]) for parts in lists for end in range(len(parts))}


@given(PATHS, st.integers(1, 8), st.integers(1, 3))
def test_every_znode_is_read_once_with_its_data_and_children(lists, window, members):
    trees = [Tree(closed(lists)) for _ in range(members)]
    found = list(walk(trees, "/", window=window))
    assert sorted(znode.path for znode in found) == sorted(trees[0].paths)
    for znode in found:
        assert znode.data == znode.path.encode()
        assert list(znode.children) == trees[0].children(znode.path)
    assert sum(tree.most_waiting for tree in trees) <= window * members
    # One request for each leaf, two for each parent.
    parents = [path for path in trees[0].paths if trees[0].children(path)]
    assert sum(len(tree.requests) for tree in trees) == len(trees[0].paths) + len(parents)


def test_only_the_subtree_is_read():
    tree = Tree(["/a", "/a/b", "/ab", "/c"])
    assert sorted(znode.path for znode in walk([tree], "/a")) == ["/a", "/a/b"]


def test_a_root_that_does_not_exist():
    assert list(walk([Tree([])], "/a")) == []


def test_several_members_share_the_requests():
    trees = [Tree([f"/{number}" for number in range(9)]) for _ in range(2)]
    list(walk(trees, "/"))
    assert abs(len(trees[0].requests) - len(trees[1].requests)) <= 1


def test_a_path_that_is_not_entered_is_read_without_its_children():
    tree = Tree(["/a", "/a/b", "/c", "/c/d"])
    found = {znode.path: znode.children for znode in walk([tree], "/", enter=lambda path: path != "/a")}
    assert found == {"/": ("a", "c"), "/a": (), "/c": ("d",), "/c/d": ()}


def test_a_path_that_is_not_read_is_among_the_names_of_its_parent():
    tree = Tree(["/a", "/a/b", "/c"])
    found = {znode.path: znode.children for znode in walk([tree], "/", read=lambda path: path != "/a")}
    assert found == {"/": ("a", "c"), "/c": ()}
    assert not any(path.startswith("/a") for _request, path in tree.requests)


def test_a_parent_comes_before_its_children_are_read():
    tree = Tree(["/a", "/a/b", "/a/c"])
    for znode in walk([tree], "/"):
        if znode.path == "/a":
            assert not any(path.startswith("/a/") for _request, path in tree.requests)


def test_znodes_that_are_deleted_meanwhile_are_left_out():
    tree = Tree(["/a", "/a/b", "/c", "/c/d"])
    found = []
    for znode in walk([tree], "/", window=1):
        found.append(znode.path)
        tree.paths -= {"/a", "/a/b"}
    assert "/c/d" in found and "/a/b" not in found


@pytest.mark.parametrize("error", [ConnectionLoss, SessionExpiredError])
def test_a_request_that_a_lost_connection_took_is_repeated(error):
    tree = Tree(["/a", "/a/b", "/c"], errors=[None, error(), None, error(), error()])
    assert sorted(znode.path for znode in walk([tree], "/", window=2)) == ["/", "/a", "/a/b", "/c"]


def test_a_connection_that_stays_lost_ends_the_walk():
    tree = Tree(["/a"], errors=[ConnectionLoss()] * 1000)
    with pytest.raises(WalkError, match=r"^/a: RetryFailedError"):
        list(walk([tree], "/a", patience=0.05))


def test_no_answer_at_all_ends_the_walk():
    silent = SimpleNamespace(get_async=lambda path: SimpleNamespace(rawlink=lambda callback: None))
    with pytest.raises(WalkError, match=r"no answer for 0.05 s"):
        list(walk([silent], "/", patience=0.05))


def test_another_error_ends_the_walk_and_names_the_path():
    with pytest.raises(WalkError, match=r"^/a: NoAuthError"):
        list(walk([Tree(["/a"], errors=[None, None, NoAuthError()])], "/"))
