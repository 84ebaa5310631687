# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Limits of checks: one table for each service, which a playbook can change or switch off by the name of the check."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .findings import OK, WARNING, Finding


@dataclass(frozen=True)
class Limit:
    """The largest healthy value of a figure.

    check: name of the check. value: None switches it off. unit: of the value. source: of the default.
    hint: what to do when it is exceeded.
    """

    check: str
    value: float | None
    unit: str
    source: str
    hint: str
    severity: str = WARNING

    def finding(self, subject: str, figure: object) -> list[Finding]:
        """The result for one figure; none when the check is switched off or the figure is not known."""
        number = as_number(figure)
        if self.value is None or number is None:
            return []
        healthy = number <= self.value
        found, expected = f"{number:g} {self.unit}", f"at most {self.value:g} {self.unit}"
        return [
            Finding(self.check, OK if healthy else self.severity, subject, found, expected, self.hint * (not healthy))
        ]


def as_number(value: object) -> float | None:
    """A number of an answer; None when it is none, or not finite."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def chosen(limits: Iterable[Limit], changes: Mapping[str, Any]) -> dict[str, Limit]:
    """Limits by check, with other values. Raises ValueError for an unknown check or a value that is no number.

    changes: value by check; None or False switches a check off.
    """
    result = {limit.check: limit for limit in limits}
    for check, value in changes.items():
        if check not in result:
            close = difflib.get_close_matches(str(check), result, 1)
            known = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(result))}"
            raise ValueError(f"unknown check {check}; {known}")
        number = None if value is None or value is False else as_number(value)
        if number is None and value not in (None, False):
            raise ValueError(f"{check}: found {value!r}, expected a number, or null to switch the check off")
        result[check] = Limit(**{**vars(result[check]), "value": number})
    return result
