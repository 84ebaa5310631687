# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Versions of packages, and from which one to which other a server may change in place. Pure."""

from __future__ import annotations

import re

from ..findings import Finding, validation_error
from .features import parse_version

VARIABLE = "clickhouse_version"
# As packages have it: 25.8.2.29, 18.16.1, 24.8.14.10459.altinitystable. Tags of releases also have -lts or -stable.
PACKAGE_VERSION = re.compile(r"\d{2}\.\d{1,2}\.\d+(?:\.\d+)?(?:[.+~][0-9A-Za-z.+~]+)?")
# Releases before it have no versions by year and month, and no upgrade in place to those that do.
FIRST_BY_YEAR = (20, 1)
# ClickHouse supports mixed versions, and upgrades without a stop, within one year.
MONTHS_MAX = 12


def validate_version(host: str, version: str) -> list[Finding]:
    """A validation error for text that is not the full version of a package."""
    if PACKAGE_VERSION.fullmatch(version):
        return []
    hint = "All packages are installed in exactly this version; write it in quotes, without -lts or -stable."
    return [validation_error(VARIABLE, host, version, "the full version of the packages, such as 25.8.2.29", hint)]


def same_release(one: str, other: str) -> bool:
    """Whether two versions are of one year and month."""
    return numbers(one)[:2] == numbers(other)[:2]


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version that compare: those of ClickHouse, without the revision of a distribution."""
    return tuple(int(number) for number in re.split(r"[^0-9.]", version)[0].split(".") if number)


def validate_upgrade(host: str, installed: str, wanted: str) -> list[Finding]:
    """Validation errors for a change of version that a server with data does not survive, or that nobody supports."""
    try:
        before, after = parse_version(installed), parse_version(wanted)
    except ValueError as error:
        return [validation_error(VARIABLE, host, str(error), "versions that can be compared")]
    if numbers(wanted) < numbers(installed):
        expected = f"{installed} or later"
        hint = (
            "A server may not read what a newer one has written. Keep the version, or restore a backup into new "
            "replicas of the older version."
        )
    elif before < FIRST_BY_YEAR <= after:
        expected = installed
        hint = (
            f"{wanted} reads neither the tables nor the znodes of {installed}. Deploy a new cluster beside it, with "
            "its own clickhouse_zookeeper_root, copy the tables with INSERT SELECT FROM remote(), and move the "
            "clients. If the server holds no data, remove its packages instead."
        )
    elif _months(before, after) > MONTHS_MAX:
        latest = f"{before[0] + 1}.{before[1]}"
        expected = f"a version up to {latest}"
        hint = (
            "Replicas work together, and read the parts of each other, within one year. Upgrade in steps, for example "
            f"to the last long-term release up to {latest} first."
        )
    else:
        return []
    return [validation_error(VARIABLE, host, f"{wanted}, but {installed} is installed", expected, hint)]


def _months(before: tuple[int, int], after: tuple[int, int]) -> int:
    return (after[0] - before[0]) * 12 + after[1] - before[1]
