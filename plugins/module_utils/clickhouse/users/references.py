# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""References to profiles and quotas: the names that exist, and those that clickhouse_extra_users uses. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..xml import TEXT
from .common import PACKAGED, PROFILES, QUOTAS, USERS, mapping

SECTIONS = {USERS: "users", PROFILES: "profiles", QUOTAS: "quotas"}
# With one of these, names come from elsewhere.
ELSEWHERE = ("@from_zk", "@incl", "include")
REMOVE, REPLACE = "@remove", "@replace"
# Elements of a profile that are no settings.
NO_SETTINGS = ("profile", "constraints", "include", TEXT)


def known_names(variable: str, own: Iterable[Any], extra: Mapping[str, Any]) -> list[str] | None:
    """Names of profiles or quotas that exist; None where servers bring names that nobody knows here.

    own: the names in the variable. extra: clickhouse_extra_users, the last fragment that a server merges.
    """
    content = extra.get(SECTIONS[variable])
    section = mapping(content)
    if any(key in part for key in ELSEWHERE for part in (extra, section)) or isinstance(content, (list, tuple)):
        return None
    earlier = [] if REMOVE in section or REPLACE in section else [*PACKAGED[variable], *map(str, own)]
    removed = {str(name) for name, item in section.items() if REMOVE in mapping(item)}
    later = [str(name) for name in section if not str(name).startswith("@")]
    return [name for name in dict.fromkeys([*earlier, *later]) if name not in removed]


def extra_references(extra: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(variable that defines such names, path, name) of each reference in clickhouse_extra_users."""
    for section, kinds in (("users", {"profile": PROFILES, "quota": QUOTAS}), ("profiles", {"profile": PROFILES})):
        for name, item in mapping(extra.get(section)).items():
            for key, variable in kinds.items() if REMOVE not in mapping(item) else ():
                for reference in _texts(mapping(item).get(key)):
                    yield variable, f"{section}/{name}/{key}", reference


def extra_settings(extra: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, settings) of each profile in clickhouse_extra_users."""
    for name, profile in mapping(extra.get("profiles")).items():
        if REMOVE not in mapping(profile):
            settings = mapping(profile).items()
            yield (
                f"profiles/{name}",
                {key: value for key, value in settings if key not in NO_SETTINGS and not str(key).startswith("@")},
            )


def _texts(value: Any) -> Iterator[str]:
    """The texts of an element, or of several."""
    for item in value if isinstance(value, (list, tuple)) else [value]:
        text = item.get(TEXT) if isinstance(item, Mapping) else item
        if text not in (None, ""):
            yield str(text)


def expected_name(name: str, known: Sequence[str]) -> str:
    similar = difflib.get_close_matches(name, known, 1)
    return f"{similar[0]}, which is similar" if similar else f"one of {', '.join(known)}"
