# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""clickhouse_named_collections: parameters of table functions, engines and dictionaries, in a file. Pure.

Findings show no values, because some are secrets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..findings import Finding, validation_error
from .features import missing
from .xml import FORBIDDEN, NAME

VARIABLE = "clickhouse_named_collections"
FEATURE = "collections_in_files"
NAME_EXPECTED = "a name of letters, digits, '_', '-' and '.', with a letter or '_' first"


def collections_element(collections: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The element of config.xml."""
    return {"named_collections": {name: dict(values) for name, values in collections.items()}}


def validate_collections(host: str, version: str, collections: Mapping[str, Any]) -> Iterator[Finding]:
    """version: one that is valid."""
    if collections and (reason := missing(version, FEATURE)):
        yield validation_error(VARIABLE, host, f"named collections, which {reason}")
    for name, values in collections.items():
        for found, expected in _problems(str(name), values):
            yield validation_error(VARIABLE, host, found, expected)


def _problems(name: str, values: Any) -> Iterator[tuple[str, str]]:
    if not NAME.fullmatch(name):
        yield name, NAME_EXPECTED
    if not isinstance(values, Mapping) or not values:
        yield f"{name}: {'nothing' if not values else f'a value of type {type(values).__name__}'}", "a dict of values"
        return
    for key, value in values.items():
        if not NAME.fullmatch(str(key)):
            yield f"{name}: {key}", NAME_EXPECTED
        elif not isinstance(value, (str, int, float)):
            yield f"{name}: {key}: a value of type {type(value).__name__}", "a text, a number, true or false"
        elif FORBIDDEN.search(str(value)):
            yield f"{name}: {key}: a character that XML cannot contain", "text without control characters"
