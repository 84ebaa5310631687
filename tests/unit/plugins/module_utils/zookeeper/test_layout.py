# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Znodes against declared layouts."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.layout import Layout, LayoutError
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.rule import Rule
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.walk import Znode

NOW = 1000.0


def znode(path, *children, data=b"", ephemeral=False, age=0.0, acl=()):
    stat = SimpleNamespace(
        numChildren=len(children), ephemeralOwner=7 if ephemeral else 0, mtime=(NOW - age) * 1000, ctime=0, version=0
    )
    return Znode(path, data, stat, children, acl)


def layout(*rules, strict=False, root="/t", **placeholders):
    return Layout(root, rules, placeholders, strict)


def violations(made, *znodes):
    found = [finding for item in znodes for finding in made.check(item, NOW)]
    return [(finding.check, finding.subject, finding.found, finding.expected) for finding in found]


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/t/01/hits", {"shard": "01", "table": "hits"}),
        ("/t/1/hits", None),
        ("/t/01", {"shard": "01"}),
        ("/t/01/hits/log", {"shard": "01", "table": "hits"}),
        ("/t/01/hits/logs", None),
        ("/t", {}),
        ("/u", None),
    ],
)
def test_placeholders_take_their_values_from_the_path(path, values):
    made = layout(Rule("/t/{shard}/{table}/log"), shard="[0-9]{2}")
    node, found = made.find(path)
    assert (found if node else None) == values


def test_a_name_is_more_specific_than_a_placeholder():
    made = layout(Rule("/t/{table}", max_bytes=1), Rule("/t/special", max_bytes=5))
    assert violations(made, znode("/t/special", data=b"abc"), znode("/t/other", data=b"abc")) == [
        ("bytes", "/t/other", "3 bytes", "at most 1")
    ]


def test_what_the_name_does_not_match_further_down_the_placeholder_may():
    made = layout(Rule("/t/{table}/log", max_bytes=1), Rule("/t/special/queue"))
    assert [check for check, *_ in violations(made, znode("/t/special/log", data=b"abc"))] == ["bytes"]


def test_a_placeholder_that_occurs_twice_has_one_value():
    made = layout(Rule("/t/{replica}/hosts/{replica}"), strict=True)
    assert violations(made, znode("/t/ch1/hosts/ch1")) == []
    assert [check for check, *_ in violations(made, znode("/t/ch1/hosts/ch2"))] == ["unexpected"]


def test_placeholders_within_a_name():
    node, values = layout(Rule("/t/query-{number}")).find("/t/query-0000000012")
    assert node and values == {"number": "0000000012"}


# --- States


def test_a_required_znode_is_missing_below_every_parent_that_exists():
    made = layout(Rule("/t/{table}/replicas/{replica}/is_active", state="required"))
    found = violations(made, znode("/t/a/replicas/r1", "is_active"), znode("/t/a/replicas/r2", "queue"))
    assert found == [("missing", "/t/a/replicas/r2/is_active", "no such znode", "a znode")]
    # Nothing requires a table, nor a replica.
    assert violations(made, znode("/t"), znode("/t/a/replicas")) == []


def test_the_parents_of_a_required_name_are_required():
    made = layout(Rule("/t/queue/ddl", state="required"))
    assert violations(made, znode("/t")) == [("missing", "/t/queue", "no such znode", "a znode")]
    assert [finding.subject for finding in made.check_root()] == ["/t"]
    assert layout(Rule("/t/{table}/log", state="required")).check_root() == []


def test_of_a_required_placeholder_at_least_one_exists():
    made = layout(Rule("/t/{shard}", state="required"), shard="[0-9]+")
    assert violations(made, znode("/t", "01", "x")) == []
    assert violations(made, znode("/t", "x")) == [("missing", "/t/{shard}", "no such znode", "a znode")]


def test_a_forbidden_znode():
    made = layout(Rule("/t/{table}/lost", state="forbidden", hint="Restore it."))
    (finding,) = made.check(znode("/t/a/lost", "x"), NOW)
    assert (finding.check, finding.subject, finding.severity) == ("forbidden", "/t/a/lost", "critical")
    assert finding.hint == "Restore it."


def test_strict_layouts_report_the_topmost_znode_that_no_rule_names():
    made = layout(Rule("/t/a/b"), strict=True)
    assert [subject for _check, subject, *_ in violations(made, znode("/t/a/b"), znode("/t/x", "y"))] == ["/t/x"]
    assert made.enter("/t/a/b") and not made.enter("/t/x")


def test_other_layouts_do_not_read_what_no_rule_names():
    made = layout(Rule("/t/a/b"))
    assert violations(made, znode("/t/x")) == []
    assert [made.enter(path) for path in ("/t", "/t/a", "/t/a/b", "/t/x")] == [True, True, False, False]


def test_anything_may_be_below_an_open_rule():
    made = layout(Rule("/t/a", open=True), strict=True)
    assert not made.enter("/t/a") and violations(made, znode("/t/a", "x")) == []


# --- What a rule says about one znode


@pytest.mark.parametrize(
    ("rule", "valid", "invalid", "found", "expected"),
    [
        ({"ephemeral": True}, {"ephemeral": True}, {}, "persistent", "ephemeral"),
        ({"ephemeral": False}, {}, {"ephemeral": True}, "ephemeral", "persistent"),
        ({"data": "ch1"}, {"data": b"ch1"}, {"data": b"ch2"}, "ch2", "ch1"),
        ({"data": ""}, {}, {"data": b"x"}, "x", "nothing"),
        ({"data": "at {name}"}, {"data": b"at a.b"}, {"data": b"at c"}, "at c", "at a.b"),
        ({"data_pattern": "{name}:[0-9]{4}"}, {"data": b"a.b:9009"}, {"data": b"aXb:9009"}, "aXb:9009",
         r"a match of a\.b:[0-9]{4}"),
        ({"data_json": True}, {"data": b"[1]"}, {"data": b"[1"}, "[1", "JSON"),
        ({"data_json": True}, {"data": b"{}"}, {"data": b"\xff"}, "\\xff", "JSON"),
        ({"max_bytes": 2}, {"data": b"12"}, {"data": b"123"}, "3 bytes", "at most 2"),
        ({"max_age": 60}, {"age": 60}, {"age": 61}, "61 s since its last change", "at most 60"),
        ({"min_age": 60}, {"age": 60}, {"age": 59}, "59 s since its last change", "at least 60"),
        ({"acl": ["world:anyone:r", "ip:10.0.0.1:cdrwa"]}, {"acl": ("ip:10.0.0.1:cdrwa", "world:anyone:r")},
         {"acl": ("world:anyone:cdrwa",)}, "world:anyone:cdrwa", "world:anyone:r, ip:10.0.0.1:cdrwa"),
    ],
)  # fmt: skip
def test_each_part_of_a_rule(rule, valid, invalid, found, expected):
    made = layout(Rule("/t/{name}", **rule))
    assert violations(made, znode("/t/a.b", **valid)) == []
    assert [item[2:] for item in violations(made, znode("/t/a.b", **invalid))] == [(found, expected)]
    assert made.with_acl("/t/a.b") is ("acl" in rule)


@pytest.mark.parametrize(("count", "found"), [(1, "at least 2"), (2, None), (3, None), (4, "at most 3")])
def test_the_number_of_children(count, found):
    made = layout(Rule("/t", min_children=2, max_children=3))
    result = violations(made, znode("/t", *map(str, range(count))))
    assert [item[3] for item in result] == ([found] if found else [])


def test_a_finding_does_not_show_megabytes():
    made = layout(Rule("/t", data="x", severity="warning"))
    (finding,) = made.check(znode("/t", data=b"y" * 1000000), NOW)
    assert len(finding.found) < 100 and finding.severity == "warning"


@given(st.binary(max_size=200), st.text("ab{}/.*\\[(", max_size=20))
def test_whatever_is_in_a_znode_or_in_a_path_there_is_no_traceback(data, name):
    rules = [Rule("/t/{name}", data="{name}", data_json=True, max_bytes=3), Rule("/t/{name}/x", data_pattern="{name}+")]
    made = layout(*rules, strict=True)
    violations(made, znode(f"/t/{name}", data=data), znode(f"/t/{name}/x", data=data))


@given(st.text("ab{}/.*\\[(", max_size=20), st.text("ab{}.*\\[(", max_size=20))
def test_whatever_is_in_a_rule_it_is_valid_or_an_error_that_says_where(path, pattern):
    try:
        made = layout(Rule(f"/t/{path}", data_pattern=pattern), a=pattern)
    except LayoutError as error:
        assert "expected" in str(error)
        return
    violations(made, znode("/t/a", data=b"b"))
