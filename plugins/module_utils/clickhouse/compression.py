# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""clickhouse_compression: how the server compresses parts of tables, by their size. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..findings import Finding, validation_error
from .features import validate_features
from .settings import INT, NUMBER, Setting, choice

VARIABLE = "clickhouse_compression"
FRAGMENT = "compression"
# Methods, each with the feature that it needs and its highest level, 0 if it has none. A server rejects every INSERT
# with a method that it does not know.
METHODS = {"lz4": ("", 0), "lz4hc": ("compression_lz4hc", 12), "zstd": ("", 22), "none": ("", 0)}
KEYS = {
    # Bytes.
    "min_part_size": Setting(FRAGMENT, INT),
    # Of the size of the table.
    "min_part_size_ratio": Setting(FRAGMENT, NUMBER, maximum=1),
    "method": choice(FRAGMENT, tuple(METHODS)),
    "level": Setting(FRAGMENT, INT, minimum=1),
}


def compression_element(cases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The element of config.xml. It replaces the cases of other files: the last one that applies wins."""
    return {"compression": {"@replace": "replace", "case": [dict(case) for case in cases]}}


def validate_compression(host: str, version: str, cases: Sequence[Any]) -> Iterator[Finding]:
    """version: one that is valid."""
    used = []
    for number, case in enumerate(cases, 1):
        problems = list(_problems(case))
        for found, expected in problems:
            yield validation_error(VARIABLE, host, f"case {number}: {found}", expected)
        if not problems:
            method = case["method"]
            used.append((VARIABLE, f"case {number}: method: {method}", METHODS[method][0]))
    yield from validate_features(host, version, [item for item in used if item[2]])


def _problems(case: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(case, Mapping):
        yield str(case), f"a dict with {', '.join(KEYS)}"
        return
    for key, value in case.items():
        if key not in KEYS:
            yield f"unknown key {key}", f"one of {', '.join(KEYS)}"
        elif expected := KEYS[key].problem(value):
            yield f"{key}: {value}", expected
    if "method" not in case:
        yield "no method", KEYS["method"].expected
    method, level = case.get("method"), case.get("level")
    if level is None or method not in METHODS or KEYS["level"].problem(level):
        return
    highest = METHODS[method][1]
    if not highest:
        yield f"level: {level}", f"no level: {method} has none"
    elif int(level) > highest:
        yield f"level: {level}", f"a whole number of at most {highest} for {method}"
