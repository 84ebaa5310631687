# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Dicts as XML, read again by a real parser."""

import datetime
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.xml import TEXT, to_xml

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,7}", fullmatch=True)
# Every character that XML allows, and those that need care more often than others.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff").filter(
    lambda char: char >= " " or char in "\t\n\r"
)
TEXTS = st.text(CHARACTERS | st.sampled_from("<>&\"'\t\n\r ]"), max_size=12)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
ATTRIBUTES = st.dictionaries(NAMES.map("@{}".format), SCALARS, max_size=2)


def containers(values):
    """Elements with content, or a text, and attributes."""
    lists = st.lists(values, max_size=3)
    content = st.dictionaries(NAMES, values | lists, max_size=3) | st.builds(lambda text: {TEXT: text}, SCALARS)
    return st.builds(lambda attributes, elements: {**attributes, **elements}, ATTRIBUTES, content)


CONTENTS = st.dictionaries(NAMES, st.recursive(SCALARS, containers, max_leaves=12), max_size=4)


def as_text(value):
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def expected(name, value):
    """(name, attributes, text, elements) as a parser should find them."""
    if not isinstance(value, dict):
        value = {TEXT: value}
    attributes = {key[1:]: as_text(item) for key, item in value.items() if key.startswith("@")}
    elements = [
        expected(key, item)
        for key, items in value.items()
        if key != TEXT and not key.startswith("@")
        for item in (items if isinstance(items, list) else [items])
    ]
    return name, attributes, as_text(value.get(TEXT)), elements


def parsed(element):
    # Between elements there is only indentation.
    text = "" if len(element) else element.text or ""
    assert not len(element) or not (element.text + "".join(child.tail for child in element)).strip()
    return element.tag, element.attrib, text, [parsed(child) for child in element]


@given(CONTENTS)
def test_a_parser_finds_what_was_written(content):
    document = to_xml("clickhouse", content)
    assert parsed(ET.fromstring(document.encode())) == expected("clickhouse", content)


def test_the_form_of_a_document():
    content = {
        "profiles": {"default": {"max_threads": 8, "log_queries": True, "comment": None, "load_balancing": "a & b"}},
        "listen_host": ["::1", "127.0.0.1"],
        "nothing": [],
        "query_log": {"@remove": True},
        "format": {"@kind": 'a"\n', TEXT: "JSON"},
    }
    assert (
        to_xml("yandex", content)
        == """\
<yandex>
    <profiles>
        <default>
            <max_threads>8</max_threads>
            <log_queries>true</log_queries>
            <comment/>
            <load_balancing>a &amp; b</load_balancing>
        </default>
    </profiles>
    <listen_host>::1</listen_host>
    <listen_host>127.0.0.1</listen_host>
    <query_log remove="true"/>
    <format kind="a&quot;&#10;">JSON</format>
</yandex>
"""
    )


@given(st.sampled_from([*map(chr, [*range(9), 11, 12, *range(14, 32)]), "\ud800", "\udfff", "\ufffe", "\uffff"]))
def test_a_character_that_xml_cannot_contain_is_an_error_that_names_the_path_only(character):
    secret = f"open{character}sesame"
    for content, path in (
        ({"users": {"a": {"password": secret}}}, "users/a/password"),
        ({"users": {"a": {"@password": secret}}}, "users/a/@password"),
        ({"users": {"a": {TEXT: secret, "@x": 1}}}, "users/a/#text"),
        ({"users": [{"a": 1}, {"a": secret}]}, "users/a"),
    ):
        with pytest.raises(ValueError, match=f"^{path}: the character U\\+{ord(character):04X}, which") as error:
            to_xml("clickhouse", content)
        assert "sesame" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a": {"1st": 1}}, "a/1st: not a name"),
        ({"a": {1: 1}}, "a/1: not a name"),
        ({"a": {"": 1}}, "a/: not a name"),
        ({"a": {"@": 1}}, "a/@: not a name"),
        ({"a": {"b c": 1}}, "a/b c: not a name"),
        ({"a": {"b>": 1}}, "a/b>: not a name"),
        ({"a": {"b\n": 1}}, "a/b\n: not a name"),
        ({"a": [1, [2]]}, "a: a list within a list"),
        ({"a": {TEXT: 1, "b": 2}}, "a: #text beside elements"),
        ({TEXT: 1, "b": 2}, "clickhouse: #text beside elements"),
        ({"a": {"@b": {"c": 1}}}, "a/@b: a value of type dict"),
        ({"a": {"@b": [1]}}, "a/@b: a value of type list"),
        ({"a": {TEXT: [1]}}, "a: a value of type list"),
        ({"a": float("nan")}, "a: not a finite number"),
        ({"a": float("-inf")}, "a: not a finite number"),
        ({"a": datetime.date(2026, 1, 1)}, "a: a value of type date, expected text"),
        ({"a": b"x"}, "a: a value of type bytes, expected text"),
    ],
)
def test_what_xml_cannot_carry_is_an_error_that_names_the_path(content, message):
    with pytest.raises(ValueError) as error:
        to_xml("clickhouse", content)
    assert str(error.value).startswith(message)
