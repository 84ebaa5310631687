# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Dicts as XML, in the form that ClickHouse defines for configuration in YAML. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# The characters that an XML document may contain, in any form.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TEXT = "#text"
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
# A parser replaces them by other white space unless they are written as numbers: in text only the first one.
SPACE = {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


def to_xml(root: str, content: Mapping[str, Any]) -> str:
    """An XML document. Raises ValueError, with the path but not the value, for what XML cannot carry.

    A dict becomes elements, a list becomes elements of the same name, a key that starts with @ an attribute of the
    element above it, and the key #text the text beside attributes. Nothing (null) becomes an empty element, an empty
    list none.
    """
    return "".join(f"{line}\n" for line in _element(root, content, "", 0))


def elements_to_xml(content: Mapping[str, Any], depth: int) -> str:
    """The elements of a document for a place within it. depth: how many elements are around them."""
    return "".join(f"{line}\n" for name, value in content.items() for line in _element(name, value, name, depth))


def text_to_xml(value: Any, path: str) -> str:
    """A value as the text of an element. Raises ValueError as `to_xml` does."""
    return _text(value, path, SPACE["\r"])


def _element(name: str, value: Any, path: str, depth: int) -> Iterator[str]:
    """The lines of one element, or of several for a list."""
    if isinstance(value, (list, tuple)):
        for item in value:
            if isinstance(item, (list, tuple)):
                raise ValueError(f"{path}: a list within a list")
            yield from _element(name, item, path, depth)
        return
    if not isinstance(value, Mapping):
        value = {TEXT: value}
    attributes, children = _split(value, path)
    indent = "    " * depth
    start = f"{indent}<{name}{''.join(attributes)}"
    if list(children) == [TEXT]:
        text = _text(children[TEXT], f"{path}/{TEXT}" if attributes else path, SPACE["\r"])
        yield f"{start}>{text}</{name}>" if text else f"{start}/>"
    elif TEXT in children:
        raise ValueError(f"{path or name}: {TEXT} beside elements")
    else:
        lines = [
            line
            for child, item in children.items()
            for line in _element(child, item, f"{path}/{child}".lstrip("/"), depth + 1)
        ]
        yield from [f"{start}>", *lines, f"{indent}</{name}>"] if lines else [f"{start}/>"]


def _split(value: Mapping[Any, Any], path: str) -> tuple[list[str], dict[str, Any]]:
    """The attributes as they are written, and the content."""
    attributes, children = [], {}
    for key, item in value.items():
        name = key[1:] if isinstance(key, str) and key.startswith("@") else key
        here = f"{path}/{key}".lstrip("/")
        if key != TEXT and not (isinstance(name, str) and NAME.fullmatch(name)):
            raise ValueError(f"{here}: not a name of letters, digits, '_', '-' and '.', with a letter or '_' first")
        if name == key:
            children[name] = item
        else:
            attributes.append(f' {name}="{_text(item, here, "".join(SPACE.values()))}"')
    return attributes, children


def _text(value: Any, path: str, numbers: str) -> str:
    """A value as text of an XML document. numbers: the white space that is written as numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{path}: not a finite number")
    if not isinstance(value, (str, int, float)):
        raise ValueError(f"{path}: a value of type {type(value).__name__}, expected text, a number or a boolean")
    text = str(value)
    character = FORBIDDEN.search(text)
    if character:
        raise ValueError(f"{path}: the character U+{ord(character[0]):04X}, which XML cannot contain")
    escapes = {**ESCAPES, **{char: code for char, code in SPACE.items() if code in numbers}}
    return "".join(escapes.get(char, char) for char in text)
