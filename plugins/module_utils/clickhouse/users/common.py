# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What users, profiles and quotas have in common. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..features import validate_features
from ..settings import Setting
from ..xml import FORBIDDEN

USERS, PROFILES, QUOTAS = "clickhouse_users", "clickhouse_profiles", "clickhouse_quotas"
# The packages' users.xml contains them.
PACKAGED = {PROFILES: ("default", "readonly"), QUOTAS: ("default",)}
# A name becomes the name of an XML element, and a step of a path in which a dot is a separator.
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
NAME_EXPECTED = "a name of letters, digits, '_' and '-', with a letter or '_' first"
# What was found, and what was expected instead.
Problem = tuple[str, str]


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def unknown(where: str, key: Any, known: Iterable[str], what: str = "key") -> Problem:
    known = tuple(known)
    similar = difflib.get_close_matches(str(key), known, 1)
    expected = f"{similar[0]}, which is similar" if similar else f"one of {', '.join(known)}"
    return f"{where}: unknown {what} {key}", expected


def names(items: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems of the names of users, profiles or quotas, and of what is no dict."""
    for name, item in items.items():
        if not NAME.fullmatch(str(name)):
            yield str(name), NAME_EXPECTED
        elif not isinstance(item, Mapping):
            # The value may be a password in the wrong place.
            yield f"{name}: a value of type {type(item).__name__}", "a dict"


def values(where: str, items: Mapping[str, Any], keys: Mapping[str, Setting]) -> Iterator[Problem]:
    """Problems of the values of known keys."""
    for key, setting in keys.items():
        value = items.get(key)
        if value is not None and (expected := setting.problem(value)):
            yield f"{where}: {key}: {value}", expected


def texts(where: str, value: Any, expected: str, pattern: str = r"[^\x00-\x1f]+") -> Iterator[Problem]:
    """Problems of a list of texts."""
    if not isinstance(value, (list, tuple)) or not value:
        yield f"{where}: {value if value else 'nothing'}", f"a list: {expected}"
        return
    for item in value:
        if not isinstance(item, (str, int)) or isinstance(item, bool) or not re.fullmatch(pattern, str(item)):
            yield f"{where}: {item}", expected
        elif FORBIDDEN.search(str(item)):
            yield f"{where}: a character that XML cannot contain", expected


def missing_features(version: str, used: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """used: what needs a feature, and the feature. Empty features exist in all versions."""
    for error in validate_features("", version, [("", where, feature) for where, feature in used if feature]):
        yield error.found, ""
