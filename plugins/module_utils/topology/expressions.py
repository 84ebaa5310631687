# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Expressions of extra configuration that fail, found before any host is reached. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..findings import Finding, validation_error
from .agreement import names_of

# Variables that may contain anything, so that nothing else says where an expression of them is.
FREE = ("clickhouse_extra_config", "clickhouse_extra_users")
# A place within the variable, empty for the whole of it, and what is wrong there.
Failure = tuple[str, str]


def failures(content: Any, evaluate: Callable[[str], str], path: str = "") -> Iterator[Failure]:
    """Each expression that fails. content: not evaluated. evaluate: returns what is wrong with a text, or nothing."""
    if isinstance(content, Mapping):
        for name, value in content.items():
            yield from failures(value, evaluate, f"{path}/{name}".lstrip("/"))
    elif isinstance(content, (list, tuple)):
        for number, value in enumerate(content):
            yield from failures(value, evaluate, f"{path}/{number}")
    elif isinstance(content, str) and (error := evaluate(content)):
        yield path, error


def validate_expressions(found: Mapping[str, Mapping[str, Iterable[Failure]]]) -> list[Finding]:
    """Validation errors for failures, by host and variable. Hosts with the same one share it."""
    hosts: dict[tuple[str, str], list[str]] = {}
    for host, variables in found.items():
        for name, problems in variables.items():
            for path, error in problems:
                hosts.setdefault((name, f"{path}: {error}" if path else error), []).append(host)
    return [
        validation_error(name, names_of(group), error, "a value before the role starts")
        for (name, error), group in hosts.items()
    ]
