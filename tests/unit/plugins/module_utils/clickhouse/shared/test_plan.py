# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Versions of the shared configuration: what is written, what is kept, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.plan import (
    CREATE,
    DELETE,
    IN_USE,
    REQUEST_BYTES,
    SET,
    SharedConfigError,
    Stored,
    Version,
    chosen,
    compare,
    decode,
    plan,
    rolled_back,
)

RED = {"macros/colour": "red", "max_concurrent_queries": "200"}
CONFIGS = st.dictionaries(
    st.sampled_from(["macros/colour", "macros/size", "max_concurrent_queries", "merge_tree/parts_to_throw_insert"]),
    st.text(max_size=5),
    min_size=1,
)


def applied(stored, made):
    """What ZooKeeper has after a transaction, which fails as a whole like a real one."""
    znodes, data = dict(stored.znodes), {}
    for item in made.operations:
        if item.kind == CREATE:
            above = item.path.rpartition("/")[0]
            assert item.path not in znodes and (not item.path or above in znodes)
            znodes[item.path] = 0
        elif item.kind == SET:
            assert znodes[item.path] == item.version
            znodes[item.path] += 1
        else:
            assert item.kind == DELETE
            del znodes[item.path]
        data[item.path] = item.data
    texts = {path.removeprefix("current/"): value.decode() for path, value in data.items() if "current/" in path}
    current = {**stored.current, **{path: text for path, text in texts.items() if IN_USE not in path}}
    # Sections have no content.
    current = {path: text for path, text in current.items() if path in made.version.elements or path in stored.current}
    written = [decode(value) for path, value in data.items() if path.startswith("history/") and value]
    versions = {**stored.versions, **{version.number: version for version in written}}
    versions = {number: item for number, item in versions.items() if f"history/{number:010}" in znodes}
    return Stored(znodes, current, versions, int(data.get("", str(stored.number).encode())))


@given(st.lists(CONFIGS, min_size=1, max_size=8), st.integers(1, 4))
def test_every_configuration_becomes_a_version_and_the_last_ones_are_kept(configs, keep):
    stored, numbers, expected = Stored(), [], []
    for config in configs:
        stored = applied(stored, plan(stored, config, keep))
        assert {path: stored.current[path] for path in config} == config
        assert plan(stored, config, keep).operations == ()
        if not expected or expected[-1] != config:
            expected.append(config)
            numbers.append(len(numbers) + 1)
    assert sorted(stored.versions) == numbers[-keep:]
    assert [dict(stored.versions[number].elements) for number in numbers[-keep:]] == expected[-keep:]


@given(st.lists(CONFIGS, min_size=2, max_size=5))
def test_no_znode_of_an_element_is_ever_deleted(configs):
    stored = Stored()
    for config in configs:
        made = plan(stored, config, 1)
        assert not [item for item in made.operations if item.kind == DELETE and item.path.startswith("current")]
        before, stored = stored, applied(stored, made)
        assert set(before.current) <= set(stored.current)


def test_the_first_version():
    made = plan(Stored(), RED, 10, "2026-11-27 08:00 UTC", "anna on control")
    assert [(item.kind, item.path) for item in made.operations] == [
        (CREATE, ""),
        (CREATE, "current"),
        (CREATE, "history"),
        (CREATE, "current/macros"),
        (CREATE, "current/macros/colour"),
        (CREATE, f"current/macros/colour/{IN_USE}"),
        (CREATE, "current/max_concurrent_queries"),
        (CREATE, f"current/max_concurrent_queries/{IN_USE}"),
        (CREATE, "history/0000000001"),
    ]
    assert made.written == ("macros/colour", "max_concurrent_queries")
    expected = {"version": 1, "written": "2026-11-27 08:00 UTC", "by": "anna on control", "note": ""}
    assert decode(made.operations[-1].data) == made.version and made.version.summary() == expected


def test_only_what_differs_is_written_and_only_if_nobody_else_has_written():
    stored = applied(Stored(), plan(Stored(), RED, 10))
    made = plan(stored, {**RED, "macros/colour": "green"}, 10)
    checked = [(item.kind, item.path, item.version) for item in made.operations]
    assert checked == [(SET, "", 0), (SET, "current/macros/colour", 0), (CREATE, "history/0000000002", -1)]


def test_what_was_deleted_by_hand_is_there_again():
    stored = applied(Stored(), plan(Stored(), RED, 10))
    gone = {path: version for path, version in stored.znodes.items() if "colour" not in path}
    damaged = Stored(gone, {"max_concurrent_queries": "200"}, stored.versions, stored.number)
    made = plan(damaged, RED, 10)
    assert made.written == ("macros/colour",) and applied(damaged, made).current == RED


def test_an_element_that_is_not_wanted_any_more_keeps_its_znode_and_is_in_no_later_version():
    stored = applied(Stored(), plan(Stored(), RED, 10))
    made = plan(stored, {"macros/colour": "red"}, 10)
    assert made.written == () and made.version.elements == {"macros/colour": "red"}
    assert applied(stored, made).current == RED


def test_more_than_fits_into_a_request():
    with pytest.raises(SharedConfigError, match=f"expected at most {REQUEST_BYTES}"):
        plan(Stored(), {"macros/colour": "x" * (REQUEST_BYTES // 2)}, 10)
    assert plan(Stored(), {"macros/colour": "x" * (REQUEST_BYTES // 2 - 5000)}, 10).operations


def test_going_back_needs_a_version_that_is_kept_with_the_elements_that_servers_include():
    versions = {3: Version(3, {"a/b": "1"}), 4: Version(4, {"a/b": "2"}), 5: Version(5, {"a/c": "2"})}
    assert rolled_back(Stored(versions=versions, number=4), 3) == versions[3]
    with pytest.raises(SharedConfigError, match="found 2, expected one that is kept: 3, 4, 5"):
        chosen(Stored(versions=versions, number=5), 2)
    with pytest.raises(SharedConfigError, match=r"Version 3 has other elements than version 5.*: a/b, a/c"):
        rolled_back(Stored(versions=versions, number=5), 3)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"number": 1, "elements": []}', b"\xff"])
def test_a_version_that_is_none(data):
    with pytest.raises(SharedConfigError, match="cannot be read"):
        decode(data)


def test_versions_are_compared_line_by_line():
    cluster = "<shard>\n    <weight>1</weight>\n</shard>\n"
    before = Version(1, {"remote_servers/other": cluster, "macros/colour": "red"})
    after = {"remote_servers/other": cluster.replace("1", "2"), "macros/colour": "red"}
    lines = compare(before, after, "version 2")
    assert lines[:2] == ["--- version 1", "+++ version 2"]
    assert [line for line in lines[2:] if line[0] in "+-"] == [
        "-        <weight>1</weight>",
        "+        <weight>2</weight>",
    ]
    assert compare(before, before.elements, "version 1") == []
