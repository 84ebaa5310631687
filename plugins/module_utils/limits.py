# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks as data: one table for each service. A playbook changes or disables a check by its name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .findings import OK, Finding

# Argument spec; documented by the fragment limits.
LIMITS_OPTION = {"limits": {"type": "dict", "default": {}}}
# What disables a check, as text.
DISABLED = ("", "none", "null", "false")


@dataclass(frozen=True)
class Check:
    """One check. `limit` is None where there is nothing to set: such a check can only be disabled.

    severity, hint: of a value beyond the limit; {host} in the hint is its subject. source: of the limit.
    metric: the metric of mntr that the limit is for; the value is divided by `scale`, and is a percentage of the metric
    `total` if there is one. per_second: the limit is for the increase of a counter in a second. least: the limit is the
    smallest healthy value, not the largest.
    """

    name: str
    severity: str
    source: str
    limit: float | None = None
    unit: str = ""
    metric: str = ""
    scale: float = 1
    total: str = ""
    per_second: bool = False
    least: bool = False
    hint: str = ""

    @property
    def expected(self) -> str:
        """The limit as text; empty without one."""
        if self.limit is None:
            return ""
        return f"at {'least' if self.least else 'most'} {as_text(self.limit)} {self.unit}".rstrip()

    def healthy(self, value: float) -> bool:
        if self.limit is None:
            return True
        return value >= self.limit if self.least else value <= self.limit

    def finding(self, subject: str, value: float, hint: str = "", found: str = "", command: str = "") -> Finding:
        """The result for one value.

        hint, found: other texts than those of the table and of the value. command: what the hint tells to run.
        """
        found = found or f"{as_text(value)} {self.unit}".rstrip()
        if self.healthy(value):
            return Finding(self.name, OK, subject, found, self.expected)
        advice = (hint or self.hint).replace("{host}", subject)
        parts = (advice, f"(Source of the limit: {self.source}.)", command)
        return Finding(self.name, self.severity, subject, found, self.expected, " ".join(filter(None, parts)))


# Enabled checks by name.
Limits = Mapping[str, Check]


def by_name(checks: Iterable[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def chosen(checks: Limits, changes: Mapping[str, Any] | None) -> dict[str, Check]:
    """The enabled checks, with other limits. Raises ValueError for an unknown check or a wrong limit.

    changes: limit by check; None or False disables a check.
    """
    result = dict(checks)
    for name, value in (changes or {}).items():
        if name not in checks:
            close = difflib.get_close_matches(str(name), checks, 1)
            known = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(checks))}"
            raise ValueError(f"limits: unknown check {name}; {known}")
        if str(value).strip().lower() in DISABLED:
            del result[name]
            continue
        check, limit = checks[name], as_number(value)
        problem = f"limits: {name}: found {value!r}"
        if check.limit is None:
            raise ValueError(f"{problem}; this check has no limit, it can only be disabled with false")
        if limit is None or limit < 0:
            unit = f" ({check.unit})" if check.unit else ""
            raise ValueError(f"{problem}, expected a number{unit}, or false to disable the check")
        result[name] = replace(check, limit=limit)
    return result


def check_limit(limits: Limits, name: str, subject: str, figure: object, hint: str = "") -> list[Finding]:
    """The result for one figure; none when its check is disabled or the figure is not known."""
    check, value = limits.get(name), as_number(figure)
    return [check.finding(subject, value, hint)] if check and value is not None else []


def as_number(value: object) -> float | None:
    """A number of an answer; None when it is none, or not finite."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def as_text(number: float) -> str:
    """A number as people write it: without an exponent, and without digits that nobody needs."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
