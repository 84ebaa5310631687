# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What every judge returns: one class, used by gates, reports and refusals alike."""

from __future__ import annotations

from dataclasses import asdict, dataclass

OK = "ok"
WARNING = "warning"
CRITICAL = "critical"
SEVERITIES = (OK, WARNING, CRITICAL)


@dataclass(frozen=True)
class Finding:
    """One judged fact about one subject.

    check: what was looked at (a check's name, or the input variable that is refused).
    severity: ok, warning or critical.
    subject: the host, member, replica or table that it is about.
    found, expected: what there is and what there should be, as text.
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
        text = f"{self.subject}: {self.check}: found {self.found}, expected {self.expected}."
        return f"{text} {self.hint}" if self.hint else text


def from_dicts(items: list[dict[str, str]]) -> list[Finding]:
    """The findings that a module returned, as objects again."""
    return [Finding(**{key: str(value) for key, value in item.items()}) for item in items]


def troubles(findings: list[Finding], at_least: str = WARNING) -> list[Finding]:
    """Those at or above a severity, worst first, otherwise in the order in which they were found."""
    floor = SEVERITIES.index(at_least)
    kept = [f for f in findings if SEVERITIES.index(f.severity) >= floor]
    return sorted(kept, key=lambda f: -SEVERITIES.index(f.severity))


def message(findings: list[Finding], lead: str) -> str:
    """One message for a person: the lead, then a line for each trouble."""
    return "\n".join([lead, *(f"- {finding.sentence()}" for finding in troubles(findings))])


def table(findings: list[Finding]) -> list[str]:
    """The lines of one table, worst first; a subject without trouble takes a single line."""
    rows = [("STATE", "SUBJECT", "CHECK", "FOUND", "EXPECTED")]
    hints = []
    bad = troubles(findings)
    for finding in bad:
        rows.append((finding.severity, finding.subject, finding.check, finding.found, finding.expected))
        if finding.hint and finding.hint not in hints:
            hints.append(finding.hint)
    sick = {finding.subject for finding in bad}
    well: dict[str, list[str]] = {}
    for finding in findings:
        if finding.subject not in sick:
            well.setdefault(finding.subject, []).append(finding.found)
    rows += [(OK, subject, f"{len(found)} checks", found[0], "") for subject, found in well.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[4]]).rstrip() for row in rows]
    return lines + [f"-> {hint}" for hint in hints]
