# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""clickhouse_quotas: how much may be used in an interval of time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..settings import BOOL, Setting
from .common import Problem, mapping, unknown

FRAGMENT = "quotas"
KEYS = ("keyed_by", "intervals")
# Whose use is counted together; without it, that of each user. The element, and the feature that it needs.
KEYED = {
    "key": ("keyed", ""),
    "ip": ("keyed_by_ip", ""),
    "forwarded_ip": ("keyed_by_forwarded_ip", "quotas_forwarded_ip"),
}
# Seconds.
DURATION = Setting(FRAGMENT, minimum=1, maximum=2**31 - 1)
RANDOMIZE = Setting(FRAGMENT, BOOL)
# 0 counts without a limit.
LIMITS = {
    "queries": Setting(FRAGMENT),
    "query_selects": Setting(FRAGMENT, feature="quotas_kinds_of_queries"),
    "query_inserts": Setting(FRAGMENT, feature="quotas_kinds_of_queries"),
    "errors": Setting(FRAGMENT),
    "result_rows": Setting(FRAGMENT),
    "result_bytes": Setting(FRAGMENT),
    "read_rows": Setting(FRAGMENT),
    "read_bytes": Setting(FRAGMENT),
    "written_bytes": Setting(FRAGMENT, feature="quotas_written_bytes"),
    # Seconds.
    "execution_time": Setting(FRAGMENT),
    "failed_sequential_authentications": Setting(FRAGMENT, feature="quotas_failed_authentications"),
}
INTERVAL = {"duration": DURATION, "randomize": RANDOMIZE, **LIMITS}


def elements(quotas: Mapping[str, Any]) -> dict[str, Any]:
    """The content of users.xml: of valid quotas only."""
    return {"quotas": {name: _quota(quota) for name, quota in quotas.items()}}


def _quota(quota: Mapping[str, Any]) -> dict[str, Any]:
    # The interval of the packages' quota would be merged with the first one.
    content: dict[str, Any] = {"@replace": "replace"}
    if quota.get("keyed_by"):
        content[KEYED[quota["keyed_by"]][0]] = None
    content["interval"] = [
        {key: int(value) if key != "randomize" else value for key, value in interval.items() if value is not None}
        for interval in quota["intervals"]
    ]
    return content


def features(name: str, quota: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if (by := quota.get("keyed_by")) in KEYED:
        yield f"{name}: keyed_by: {by}", KEYED[by][1]
    intervals = quota.get("intervals")
    for interval in intervals if isinstance(intervals, (list, tuple)) else ():
        for key in (key for key in LIMITS if key in mapping(interval)):
            yield f"{name}: {key}", LIMITS[key].feature


def problems(name: str, quota: Mapping[str, Any]) -> Iterator[Problem]:
    for key in (key for key in quota if key not in KEYS):
        yield unknown(name, key, KEYS)
    if quota.get("keyed_by") is not None and quota["keyed_by"] not in KEYED:
        yield f"{name}: keyed_by: {quota['keyed_by']}", f"one of {', '.join(KEYED)}"
    intervals = quota.get("intervals")
    if not isinstance(intervals, (list, tuple)) or not intervals:
        yield f"{name}: intervals: {intervals or 'nothing'}", "a list such as [{duration: 3600, queries: 1000}]"
        return
    durations: list[str] = []
    for interval in intervals:
        if not isinstance(interval, Mapping):
            yield f"{name}: intervals: {interval}", "a dict such as {duration: 3600, queries: 1000}"
            continue
        yield from _interval(f"{name}: intervals", interval)
        duration = str(interval.get("duration"))
        if duration in durations:
            yield f"{name}: intervals: duration: {duration} twice", "one interval for each duration"
        durations.append(duration)


def _interval(where: str, interval: Mapping[str, Any]) -> Iterator[Problem]:
    if interval.get("duration") is None:
        yield f"{where}: no duration", "seconds"
    for key, value in interval.items():
        if key not in INTERVAL:
            yield unknown(where, key, INTERVAL)
        elif value is not None and (expected := INTERVAL[key].problem(value)):
            yield f"{where}: {key}: {value}", expected
    if not any(key in interval for key in LIMITS):
        yield f"{where}: no limit", f"one of {', '.join(LIMITS)}; 0 counts without a limit"
