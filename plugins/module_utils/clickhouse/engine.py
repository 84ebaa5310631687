# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The engine of a replicated table, as system.tables shows it. Pure."""

from __future__ import annotations

import re

# The first two parameters: the path of the table and the name of the replica.
PARAMETERS = re.compile(r"\w+\('((?:[^'\\]|\\.)*)', *'((?:[^'\\]|\\.)*)'")
SETTING = re.compile(r"\b(\w+) = (\d{1,18})\b")


def engine_of(text: str) -> tuple[str, str, dict[str, int]]:
    """Path and name of the replica as the table was created, and the settings of the table that are numbers.

    Path and name are empty when the engine does not have them.
    """
    match = PARAMETERS.match(text)
    settings = text.rpartition(" SETTINGS ")[2] if " SETTINGS " in text else ""
    path, replica = match.groups() if match else ("", "")
    return path, replica, {name: int(value) for name, value in SETTING.findall(settings)}


def expand(pattern: str, macros: dict[str, str]) -> str:
    """The text with the values of macros; those that are not known stay."""
    return re.sub(r"\{(\w+)\}", lambda match: macros.get(match[1], match[0]), pattern)
