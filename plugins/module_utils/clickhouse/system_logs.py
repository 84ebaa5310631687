# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""clickhouse_system_logs: which logs the server keeps as tables, and how long. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..findings import Finding, validation_error
from .features import validate_features
from .settings import BOOL, TEXT, Setting

VARIABLE = "clickhouse_system_logs"
# The feature that a version needs for each log; empty when all versions have it.
LOGS = {
    "query_log": "",
    "query_thread_log": "",
    "part_log": "",
    "asynchronous_metric_log": "more_system_logs",
    "metric_log": "more_system_logs",
    "text_log": "more_system_logs",
    "trace_log": "more_system_logs",
}
KEYS = {
    "enabled": Setting("system_logs", BOOL),
    # Days after which rows are deleted.
    "ttl_days": Setting("system_logs", feature="system_log_ttl", minimum=1, maximum=36500),
    "partition_by": Setting("system_logs", TEXT, expected="an expression such as toMonday(event_date)"),
    "flush_interval_milliseconds": Setting("system_logs", minimum=1),
}


def log_elements(logs: Mapping[str, Any]) -> dict[str, Any]:
    """The elements of config.xml. A log that is not enabled is removed from what the package configures."""
    elements: dict[str, Any] = {}
    for name, options in logs.items():
        content = dict(options or {})
        days = content.pop("ttl_days", None)
        if content.pop("enabled", True) is False:
            content = {"@remove": "remove"}
        elif days is not None:
            content["ttl"] = f"event_date + INTERVAL {days} DAY DELETE"
        elements[name] = content
    return elements


def validate_logs(host: str, version: str, logs: Mapping[str, Any]) -> Iterator[Finding]:
    """version: one that is valid."""
    used = []
    for name, options in logs.items():
        if name not in LOGS:
            yield validation_error(VARIABLE, host, f"unknown log {name}", f"one of {', '.join(LOGS)}")
        elif not isinstance(options or {}, Mapping):
            yield validation_error(VARIABLE, host, f"{name}: {options}", f"a dict with {', '.join(KEYS)}")
        else:
            if LOGS[name]:
                used.append((VARIABLE, name, LOGS[name]))
            for key, value in (options or {}).items():
                setting = KEYS.get(key)
                if setting is None:
                    yield validation_error(VARIABLE, host, f"{name}: unknown key {key}", f"one of {', '.join(KEYS)}")
                elif expected := setting.problem(value):
                    yield validation_error(VARIABLE, host, f"{name}: {key}: {value}", expected)
                elif setting.feature:
                    used.append((VARIABLE, f"{name}: {key}", setting.feature))
    yield from validate_features(host, version, used)
