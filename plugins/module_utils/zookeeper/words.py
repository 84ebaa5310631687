# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What members answer to four-letter words. Pure."""

from __future__ import annotations

import re


def parse_srvr(text: str) -> dict[str, str]:
    """`Name: value` lines of `srvr`."""
    return {name.strip(): value.strip() for name, found, value in _split(text, ":") if found}


def parse_mntr(text: str) -> dict[str, str]:
    """`name<TAB>value` lines of `mntr`."""
    return {name: value.strip() for name, found, value in _split(text, "\t") if found and name.startswith("zk_")}


def parse_conf(text: str) -> dict[str, str]:
    """`name=value` lines of `conf`."""
    return {name.strip(): value.strip() for name, found, value in _split(text, "=") if found}


def parse_version(text: str) -> str:
    """The number at the start of a member's version; builds append various suffixes."""
    match = re.search(r"(?:^|version:\s*)(\d+\.\d+\.\d+)", text)
    return match.group(1) if match else ""


def _split(text: str, separator: str) -> list[tuple[str, str, str]]:
    return [line.partition(separator) for line in text.splitlines()]
