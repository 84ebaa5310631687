# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The versions of the shared configuration as lines of text. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .plan import Plan, Stored, Version, as_text, chosen, compare

INVENTORY = "Change clickhouse_shared_config, too: the next run of site.yml writes what the inventory has."


def report_versions(stored: Stored, version: int | None) -> list[str]:
    """All versions; the newest one, or what it changes in another one. Raises SharedConfigError for one not kept."""
    newest = stored.newest
    if not newest.number:
        return ["Nothing is shared: there is no version."]
    lines = [_line(stored.versions[number]) for number in sorted(stored.versions)]
    if version is None:
        lines += ["", f"Version {newest.number}:", *as_text(newest.elements).splitlines()]
    else:
        name = f"version {newest.number}"
        unchanged = f"Version {newest.number} changes nothing in version {version}."
        lines += ["", *(compare(chosen(stored, version), newest.elements, name) or [unchanged])]
    found = compare(newest, {path: stored.current.get(path, "") for path in newest.elements}, "ZooKeeper")
    if found:
        lines += ["", "Somebody has changed the znodes since; the next run of site.yml writes them again.", *found]
    return lines


def _line(version: Version) -> str:
    note = f" ({version.note})" if version.note else ""
    return f"Version {version.number}: {version.written}, {version.by}{note}"


def report_rollback(made: Plan, number: int, restarts: Sequence[str]) -> list[str]:
    if not made.operations:
        return [f"Version {made.version.number} has the values of version {number}; nothing was written."]
    written = ", ".join(made.written) or "no element"
    lines = [f"Version {made.version.number} has the values of version {number} again. Written: {written}.", INVENTORY]
    if restarts:
        names = ", ".join(restarts)
        command = "playbooks/restart.yml -e service=clickhouse -e force=true"
        lines.append(f"Servers read these when they start: {names}. Run {command}.")
    return lines
