# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""One rule of a declared layout, and what it says about a znode. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..findings import CRITICAL, WARNING, Finding
from .walk import Znode

REQUIRED, OPTIONAL, FORBIDDEN = "required", "optional", "forbidden"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Argument spec of one rule.
RULE_OPTIONS = {
    "path": {"type": "str", "required": True},
    "state": {"type": "str", "choices": [REQUIRED, OPTIONAL, FORBIDDEN], "default": OPTIONAL},
    "ephemeral": {"type": "bool"},
    "session_alive": {"type": "bool", "default": False},
    "acl": {"type": "list", "elements": "str"},
    "data": {"type": "str"},
    "data_pattern": {"type": "str"},
    "data_json": {"type": "bool", "default": False},
    "min_children": {"type": "int"},
    "max_children": {"type": "int"},
    "max_bytes": {"type": "int"},
    "min_age": {"type": "float"},
    "max_age": {"type": "float"},
    "open": {"type": "bool", "default": False},
    "severity": {"type": "str", "choices": [WARNING, CRITICAL], "default": CRITICAL},
    "hint": {"type": "str", "default": ""},
}
# What to do about an ephemeral znode that outlived its session, when the rule has no hint of its own.
OUTLIVED = (
    "No client keeps it or ends it any more. If only some members have it, their trees differ: see tree_skew of "
    "zookeeper_health. Otherwise make sure that its client is gone, and delete it."
)
# A finding shows so many characters of the data of a znode.
SHOWN = 80


@dataclass(frozen=True)
class Rule:
    """What is expected of the znodes at `path`; None checks nothing. The documentation of the module explains each."""

    path: str
    state: str = OPTIONAL
    ephemeral: bool | None = None
    session_alive: bool = False
    acl: Sequence[str] | None = None
    data: str | None = None
    data_pattern: str | None = None
    data_json: bool = False
    min_children: int | None = None
    max_children: int | None = None
    max_bytes: int | None = None
    min_age: float | None = None
    max_age: float | None = None
    open: bool = False
    severity: str = CRITICAL
    hint: str = ""


def rule_from(options: Mapping[str, Any]) -> Rule:
    """A rule of the module's options; those that are not set keep their defaults."""
    return Rule(**{name: value for name, value in options.items() if value is not None})


def check_rule(rule: Rule, znode: Znode, values: Mapping[str, str], now: float) -> Iterator[Finding]:
    """The violations of the rule of a znode. values: those of the placeholders. now: seconds since 1970."""
    stat = znode.stat
    kinds = ("persistent", "ephemeral")
    if rule.ephemeral is not None and rule.ephemeral != bool(stat.ephemeralOwner):
        found, expected = kinds[bool(stat.ephemeralOwner)], kinds[rule.ephemeral]
        yield finding_of(rule, "kind", znode.path, found, expected)
    if rule.acl is not None and sorted(znode.acl) != sorted(rule.acl):
        yield finding_of(rule, "acl", znode.path, ", ".join(znode.acl), ", ".join(rule.acl))
    yield from _check_data(rule, znode, values)
    size, age = len(znode.data or b""), now - stat.mtime / 1000
    # Check, value, smallest and largest value, unit.
    limits = (
        ("children", stat.numChildren, rule.min_children, rule.max_children, "children"),
        ("bytes", size, None, rule.max_bytes, "bytes"),
        ("age", age, rule.min_age, rule.max_age, "s since its last change"),
    )
    for check, value, least, most, unit in limits:
        if least is not None and value < least:
            yield finding_of(rule, check, znode.path, f"{value:.0f} {unit}", f"at least {least:g}")
        if most is not None and value > most:
            yield finding_of(rule, check, znode.path, f"{value:.0f} {unit}", f"at most {most:g}")


def outlived(rule: Rule, path: str, owner: int) -> Finding:
    """The violation of an ephemeral znode whose owner, a session, has ended. owner: as a number without a sign."""
    found = f"owned by the session {owner:#x}, which has ended"
    return replace(finding_of(rule, "session_alive", path, found, "an owner that is alive"), hint=rule.hint or OUTLIVED)


def _check_data(rule: Rule, znode: Znode, values: Mapping[str, str]) -> Iterator[Finding]:
    text = (znode.data or b"").decode("utf-8", "backslashreplace")
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
    if rule.data is not None:
        expected = _filled(rule.data, values)
        if text != expected:
            yield finding_of(rule, "data", znode.path, shown, expected)
    if rule.data_pattern is not None:
        pattern = _filled(rule.data_pattern, {name: re.escape(value) for name, value in values.items()})
        if not re.fullmatch(pattern, text, re.DOTALL):
            yield finding_of(rule, "data", znode.path, shown, f"a match of {pattern}")
    if rule.data_json:
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            yield finding_of(rule, "data", znode.path, shown, "JSON")


def _filled(text: str, values: Mapping[str, str]) -> str:
    """The text with known placeholders replaced; other braces stay, such as those of a regular expression."""
    return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


def finding_of(rule: Rule, check: str, path: str, found: str, expected: str) -> Finding:
    return Finding(check, rule.severity, path, found or "nothing", expected or "nothing", rule.hint)
