# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which elements differ between two XML files."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.xml_changes import changed_elements


def changes(before, after):
    return changed_elements(*(None if text is None else f"<c>{text}</c>".encode() for text in (before, after)))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("<a>1</a>", "<a>2</a>", {"a"}),
        ("<a>1</a>", "<a> 1\n</a><!-- the same -->", set()),
        ("<a>1</a><b>1</b>", "<b>1</b><a>1</a>", set()),
        (None, "<a>1</a><m><x>1</x></m>", {"a", "m/x"}),
        ("<a/><m><x>1</x><y>1</y></m>", None, {"a", "m/x", "m/y"}),
        ("", "<a/>", {"a"}),
        ("<m><x>1</x></m>", "<m><x>2</x><y/></m>", {"m/x", "m/y"}),
        # An attribute such as replace affects what other files set.
        ("<m><x>1</x></m>", "<m replace='1'><x>1</x></m>", {"m"}),
        ("", "<m replace='1'><x>1</x></m>", {"m", "m/x"}),
        ("<m><x>1</x></m>", "<m><x incl='1'>1</x></m>", {"m/x"}),
        # Repeated elements are one, in their order.
        ("<m><x>1</x></m>", "<m><x>1</x><x>2</x></m>", {"m/x"}),
        ("<m><x>1</x><x>2</x></m>", "<m><x>2</x><x>1</x></m>", {"m/x"}),
        ("<s><v><d>1</d><d>2</d></v><v/></s>", "<s><v><d>1</d></v><v><d>2</d></v></s>", {"s/v"}),
        (None, None, set()),
    ],
)
def test_the_paths_of_what_differs(before, after, expected):
    assert changes(before, after) == expected


def test_a_file_that_is_no_xml_or_has_another_root():
    assert changed_elements(b"<c>", b"<c/>") is None
    assert changed_elements(b"<c/>", b"text") is None
    assert changed_elements(b"<c/>", b"<d/>") == {""}
    assert changed_elements(b"<c/>", b"<c replace='1'/>") == {""}


ELEMENTS = st.recursive(
    st.builds(lambda tag, text: f"<{tag}>{text}</{tag}>", st.sampled_from("ab"), st.integers(0, 1)),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", st.sampled_from("ab"), st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)
FILES = st.lists(ELEMENTS, max_size=3).map("".join)


def content(element):
    """What counts: elements of one name in their order."""
    children = {child.tag: [content(other) for other in element.findall(child.tag)] for child in element}
    return element.attrib, element.text, children


@given(FILES, FILES)
def test_nothing_differs_only_where_the_content_is_the_same(before, after):
    same = content(ET.fromstring(f"<c>{before}</c>")) == content(ET.fromstring(f"<c>{after}</c>"))
    # Less order than the function looks at: it may find a change where elements within repeated ones are reordered.
    assert changes(before, after) == changes(after, before)
    assert same or changes(before, after)
    assert changes(before, before) == set()


@given(FILES, FILES)
def test_a_path_is_one_of_either_file(before, after):
    roots = [ET.fromstring(f"<c>{text}</c>") for text in (before, after)]
    assert all(any(root.find(path) is not None for root in roots) for path in changes(before, after))
