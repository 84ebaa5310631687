# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks znodes against a declared layout: rules for paths with named placeholders. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
# A finding shows so many characters of the data of a znode.
SHOWN = 80


# Values of placeholders, by name.
Values = dict[str, str]


class LayoutError(ValueError):
    """The declared layout itself is not valid; the text says where."""


@dataclass(frozen=True)
class Rule:
    """What is expected of the znodes at `path`; None checks nothing. The documentation of the module explains each."""

    path: str
    state: str = OPTIONAL
    ephemeral: bool | None = None
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


@dataclass
class Node:
    """One level of the layout: what may be below a path. A node without a rule is the parent of one with a rule."""

    path: str
    rule: Rule | None = None
    literals: dict[str, Node] = field(default_factory=dict)
    patterns: list[tuple[re.Pattern, Node]] = field(default_factory=list)

    @property
    def required(self) -> bool:
        """Whether it must exist: its rule says so, or that of a literal path below it."""
        if self.rule:
            return self.rule.state == REQUIRED
        return any(node.required for node in self.literals.values())


class Layout:
    """Compiled rules. Raises LayoutError for a layout that is not valid."""

    def __init__(self, root: str, rules: Sequence[Rule], placeholders: Mapping[str, str], strict: bool) -> None:
        self.root, self.strict = root.rstrip("/") or "/", strict
        if not root.startswith("/"):
            raise LayoutError(f"path: found {root!r}, expected an absolute path")
        self.placeholders = placeholders
        self._top = Node("")
        for name, pattern in placeholders.items():
            _compiled(pattern, f"placeholders: {name}")
        for rule in rules:
            self._add(rule)

    def _add(self, rule: Rule) -> None:
        path = rule.path.rstrip("/") or "/"
        if path != self.root and not path.startswith(self.root.rstrip("/") + "/"):
            raise LayoutError(f"{rule.path}: found a path outside {self.root}, expected a path below it")
        if rule.data_pattern is not None:
            _compiled(rule.data_pattern, f"{rule.path}: data_pattern")
        node = self._top
        for segment in _segments(path):
            node = self._child(node, segment)
        if node.rule:
            raise LayoutError(f"{rule.path}: found two rules for this path, expected one")
        node.rule = rule

    def _child(self, node: Node, segment: str) -> Node:
        path = f"{node.path}/{segment}"
        if not PLACEHOLDER.search(segment):
            return node.literals.setdefault(segment, Node(path))
        for _pattern, child in node.patterns:
            if child.path == path:
                return child
        child = Node(path)
        node.patterns.append((self._pattern(segment), child))
        return child

    def _pattern(self, segment: str) -> re.Pattern:
        literal, *rest = PLACEHOLDER.split(segment)
        text = re.escape(literal)
        for name, literal in zip(rest[::2], rest[1::2]):
            text += f"(?P<{name}>{self.placeholders.get(name, '.+')}){re.escape(literal)}"
        return _compiled(text, segment)

    def find(self, path: str) -> tuple[Node | None, Values]:
        """What the layout says about a path, and the values of its placeholders; None when it says nothing."""
        found = next(self._matches(self._top, _segments(path), {}), None)
        return found or (None, {})

    def _matches(self, node: Node, segments: list[str], values: Values) -> Iterator[tuple[Node, Values]]:
        if not segments:
            yield node, values
            return
        name, *rest = segments
        # A name is more specific than a placeholder.
        if name in node.literals:
            yield from self._matches(node.literals[name], rest, values)
        for pattern, child in node.patterns:
            match = pattern.fullmatch(name)
            # A placeholder that occurs twice has one value.
            if match and all(values.get(key, value) == value for key, value in match.groupdict().items()):
                yield from self._matches(child, rest, {**values, **match.groupdict()})

    def enter(self, path: str) -> bool:
        """Whether the children of a path need to be read."""
        node, _values = self.find(path)
        if node is None or (node.rule and node.rule.open):
            return False
        return self.strict or bool(node.literals or node.patterns)

    def with_acl(self, path: str) -> bool:
        node, _values = self.find(path)
        return bool(node and node.rule and node.rule.acl is not None)

    def check(self, znode: Znode, now: float) -> Iterator[Finding]:
        """The violations of one znode. now: seconds since 1970."""
        node, values = self.find(znode.path)
        if node is None:
            if self.strict:
                expected = "only znodes of the layout"
                hint = "Find out who writes it before it is removed, or add it to the layout."
                yield Finding("unexpected", CRITICAL, znode.path, "a znode that no rule allows", expected, hint)
            return
        if node.rule and node.rule.state == FORBIDDEN:
            yield _finding(node.rule, "forbidden", znode.path, "a znode", "none")
            return
        if node.rule:
            yield from check_rule(node.rule, znode, values, now)
        if not (node.rule and node.rule.open):
            yield from self._check_children(node, znode)

    def _check_children(self, node: Node, znode: Znode) -> Iterator[Finding]:
        for name, child in node.literals.items():
            if child.required and name not in znode.children:
                yield _missing(child, f"{znode.path.rstrip('/')}/{name}")
        for pattern, child in node.patterns:
            if (
                child.rule
                and child.rule.state == REQUIRED
                and not any(pattern.fullmatch(name) for name in znode.children)
            ):
                yield _missing(child, f"{znode.path.rstrip('/')}/{child.path.rpartition('/')[2]}")

    def check_root(self) -> list[Finding]:
        """The violation of a root that does not exist, when something must exist below it."""
        node, _values = self.find(self.root)
        return [_missing(node, self.root)] if node and node.required else []


def check_rule(rule: Rule, znode: Znode, values: Mapping[str, str], now: float) -> Iterator[Finding]:
    """The violations of the rule of a znode. values: those of the placeholders. now: seconds since 1970."""
    stat = znode.stat
    kinds = ("persistent", "ephemeral")
    if rule.ephemeral is not None and rule.ephemeral != bool(stat.ephemeralOwner):
        found, expected = kinds[bool(stat.ephemeralOwner)], kinds[rule.ephemeral]
        yield _finding(rule, "kind", znode.path, found, expected)
    if rule.acl is not None and sorted(znode.acl) != sorted(rule.acl):
        yield _finding(rule, "acl", znode.path, ", ".join(znode.acl), ", ".join(rule.acl))
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
            yield _finding(rule, check, znode.path, f"{value:.0f} {unit}", f"at least {least:g}")
        if most is not None and value > most:
            yield _finding(rule, check, znode.path, f"{value:.0f} {unit}", f"at most {most:g}")


def _check_data(rule: Rule, znode: Znode, values: Mapping[str, str]) -> Iterator[Finding]:
    text = (znode.data or b"").decode("utf-8", "backslashreplace")
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
    if rule.data is not None:
        expected = _filled(rule.data, values)
        if text != expected:
            yield _finding(rule, "data", znode.path, shown, expected)
    if rule.data_pattern is not None:
        pattern = _filled(rule.data_pattern, {name: re.escape(value) for name, value in values.items()})
        if not re.fullmatch(pattern, text, re.DOTALL):
            yield _finding(rule, "data", znode.path, shown, f"a match of {pattern}")
    if rule.data_json:
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            yield _finding(rule, "data", znode.path, shown, "JSON")


def _filled(text: str, values: Mapping[str, str]) -> str:
    """The text with known placeholders replaced; other braces stay, such as those of a regular expression."""
    return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


def _finding(rule: Rule, check: str, path: str, found: str, expected: str) -> Finding:
    return Finding(check, rule.severity, path, found or "nothing", expected or "nothing", rule.hint)


def _missing(node: Node, path: str) -> Finding:
    rule = node.rule or Rule(node.path)
    return _finding(rule, "missing", path, "no such znode", "a znode")


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _compiled(pattern: str, where: str) -> re.Pattern:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise LayoutError(f"{where}: found {pattern!r}, expected a regular expression ({error})") from error


def rule_from(options: Mapping[str, Any]) -> Rule:
    """A rule of the module's options; those that are not set keep their defaults."""
    return Rule(**{name: value for name, value in options.items() if value is not None})
