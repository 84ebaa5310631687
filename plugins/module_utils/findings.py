# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The result of every check and validation: one class, and its views as a message or a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

OK = "ok"
WARNING = "warning"
CRITICAL = "critical"
SEVERITIES = (OK, WARNING, CRITICAL)


@dataclass(frozen=True)
class Finding:
    """The result of one check of one subject.

    check: name of the check, or of the variable that is validated.
    severity: ok, warning or critical.
    subject: the host, member, replica or table that was checked.
    found, expected: what is there and what should be there, as text. Without `expected`, `found` says it all.
    hint: what to do about it; empty when there is nothing to do.
    """

    check: str
    severity: str
    subject: str
    found: str
    expected: str
    hint: str = ""

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity {self.severity!r} is none of {', '.join(SEVERITIES)}")

    def as_dict(self) -> dict[str, str]:
        return asdict(self)

    def sentence(self) -> str:
        fact = f"found {self.found}, expected {self.expected}" if self.expected else self.found
        text = f"{self.subject}: {self.check}: {fact}" + ("" if fact.endswith((".", "?")) else ".")
        return f"{text} {self.hint}" if self.hint else text


def validation_error(variable: str, host: str, found: object, expected: str = "", hint: str = "") -> Finding:
    """A finding about wrong input, found before any host is changed. `found` may be missing (None) or empty."""
    return Finding(variable, CRITICAL, host, "nothing" if found in (None, "") else str(found), expected, hint)


def some(names: Sequence[str], most: int = 3) -> str:
    """The first names, and how many there are more, for a text that stays readable."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def from_dicts(items: list[dict[str, str]]) -> list[Finding]:
    """Findings from the dicts that a module returned."""
    return [Finding(**{key: str(value) for key, value in item.items()}) for item in items]


def problems(findings: list[Finding], at_least: str = WARNING) -> list[Finding]:
    """The findings at or above a severity, worst first, otherwise in their order."""
    lowest = SEVERITIES.index(at_least)
    kept = [finding for finding in findings if SEVERITIES.index(finding.severity) >= lowest]
    return sorted(kept, key=lambda finding: -SEVERITIES.index(finding.severity))


def message(findings: list[Finding], lead: str) -> str:
    """One message: the lead, then one line for each problem."""
    return "\n".join([lead, *(f"- {finding.sentence()}" for finding in problems(findings))])


def table(findings: list[Finding]) -> list[str]:
    """The lines of one table, worst first; a subject without problems takes one line."""
    rows = [("STATE", "SUBJECT", "CHECK", "FOUND", "EXPECTED")]
    hints = []
    bad = problems(findings)
    for finding in bad:
        rows.append((finding.severity, finding.subject, finding.check, finding.found, finding.expected))
        if finding.hint and finding.hint not in hints:
            hints.append(finding.hint)
    unhealthy = {finding.subject for finding in bad}
    healthy: dict[str, list[str]] = {}
    for finding in findings:
        if finding.subject not in unhealthy:
            healthy.setdefault(finding.subject, []).append(finding.found)
    rows += [(OK, subject, f"{len(found)} checks", found[0], "") for subject, found in healthy.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[4]]).rstrip() for row in rows]
    return lines + [f"-> {hint}" for hint in hints]
