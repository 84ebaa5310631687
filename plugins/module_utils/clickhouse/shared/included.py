# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether a server has what it includes from ZooKeeper: it keeps its configuration as it has read it."""

from __future__ import annotations

import glob
import os
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Any

from ...findings import CRITICAL, Finding

# Old versions put the directory of the file before its name.
NAMES = "*config.xml"
HINT = (
    "The server has not read it. If its error log says why, correct clickhouse_shared_config, or go back with "
    "playbooks/config.yml."
)
GONE = "Its znode does not exist. Run site.yml, which writes it again."


def check_included(directory: str, name: str, elements: Mapping[str, str]) -> Iterator[Finding]:
    """Findings for elements that the configuration in use has otherwise. elements: their content by path."""
    if not elements:
        return
    try:
        root = read_preprocessed(directory)
    except (OSError, ValueError, ET.ParseError) as error:
        yield Finding("included", CRITICAL, name, f"{directory}: {error}", "the configuration of the server")
        return
    for path, text in elements.items():
        element = root.find(path)
        if element is None:
            yield Finding("included", CRITICAL, name, f"{path} is missing", _shown(text), HINT)
        elif element.get("from_zk"):
            yield Finding("included", CRITICAL, name, f"{path} is empty", _shown(text), GONE)
        elif _content(element) != _content(ET.fromstring(f"<element>{text}</element>")):
            yield Finding("included", CRITICAL, name, f"{path} is {_shown(_text(element))}", _shown(text), HINT)


def read_preprocessed(directory: str) -> ET.Element:
    """The newest configuration that a server has written. Raises OSError, ValueError or ET.ParseError."""
    found = glob.glob(os.path.join(directory, NAMES))
    if not found:
        raise ValueError("no such file")
    return ET.parse(max(found, key=os.path.getmtime)).getroot()


def _content(element: ET.Element) -> Any:
    """What an element contains, without the white space around elements."""
    children = [(child.tag, sorted(child.attrib.items()), _content(child)) for child in element]
    return children or (element.text or "").strip()


def _text(element: ET.Element) -> str:
    inner = "".join(ET.tostring(child, encoding="unicode") for child in element)
    return f"{(element.text or '').strip()}{inner}"


def _shown(text: str) -> str:
    """In one line, and not too long for a table."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:77]}..."
