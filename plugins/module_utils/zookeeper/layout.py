# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks znodes against a declared layout: rules for paths with named placeholders. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..findings import CRITICAL, Finding
from .rule import FORBIDDEN, PLACEHOLDER, REQUIRED, Rule, check_rule, finding_of, outlived
from .walk import Znode

# Values of placeholders, by name.
Values = dict[str, str]


class LayoutError(ValueError):
    """The declared layout itself is not valid; the text says where."""


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
        # A walk asks for each path several times within a short time.
        self.find = functools.lru_cache(maxsize=1024)(self._find)
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

    def _find(self, path: str) -> tuple[Node | None, Values]:
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

    def needs_session(self, znode: Znode) -> bool:
        """Whether it is ephemeral, and must have an owner that is alive."""
        if not znode.stat.ephemeralOwner:
            return False
        node, _values = self.find(znode.path)
        return bool(node and node.rule and node.rule.session_alive and node.rule.state != FORBIDDEN)

    def check_session(self, path: str, owner: int) -> Finding:
        """The violation of an ephemeral znode whose owner has ended."""
        node, _values = self.find(path)
        return outlived(node.rule if node and node.rule else Rule(path), path, owner)

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
            yield finding_of(node.rule, "forbidden", znode.path, "a znode", "none")
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


def _missing(node: Node, path: str) -> Finding:
    rule = node.rule or Rule(node.path)
    return finding_of(rule, "missing", path, "no such znode", "a znode")


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _compiled(pattern: str, where: str) -> re.Pattern:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise LayoutError(f"{where}: found {pattern!r}, expected a regular expression ({error})") from error
