# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which elements of an XML file a change affects. Pure."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator


def changed_elements(before: bytes | None, after: bytes | None) -> set[str] | None:
    """Paths below the root of the elements that differ, such as macros/colour; None when a file is no XML.

    A file that does not exist (None) has no elements. The root itself is an empty path. Comments, and white space
    around elements, make no difference. Where an element is there more than once, all of them are one path.
    """
    try:
        old, new = (ET.fromstring(content) if content is not None else None for content in (before, after))
    except ET.ParseError:
        return None
    root = new if new is not None else old
    if root is None:
        return set()
    empty = ET.Element(root.tag)
    return set(_changes(empty if old is None else old, empty if new is None else new, ""))


def _changes(old: ET.Element, new: ET.Element, path: str) -> Iterator[str]:
    if (old.tag, old.attrib, _text(old)) != (new.tag, new.attrib, _text(new)):
        yield path
    for tag in {child.tag for root in (old, new) for child in root}:
        here = f"{path}/{tag}".lstrip("/")
        olds, news = old.findall(tag), new.findall(tag)
        if max(len(olds), len(news)) > 1:
            if [_content(child) for child in olds] != [_content(child) for child in news]:
                yield here
        elif olds and news:
            yield from _changes(olds[0], news[0], here)
        else:
            (only,) = olds or news
            # Around others it is only their place.
            yield from _changes(only, ET.Element(tag), here) if len(only) else [here]


def _content(element: ET.Element) -> object:
    return element.tag, element.attrib, _text(element), [_content(child) for child in element]


def _text(element: ET.Element) -> str:
    return (element.text or "").strip()
