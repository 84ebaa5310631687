# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Logs that the server keeps as tables."""

import xml.etree.ElementTree as ET

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import FEATURES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.system_logs import (
    KEYS,
    LOGS,
    log_elements,
    validate_logs,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.xml import to_xml

LOGS_OF_A_SITE = {
    "query_log": {"ttl_days": 30, "partition_by": "toMonday(event_date)"},
    "part_log": None,
    "trace_log": {"enabled": False, "ttl_days": 3},
    "text_log": {"enabled": True},
}


def errors(logs, version="25.8.1"):
    return [(error.found, error.expected) for error in validate_logs("ch1", version, logs)]


def test_what_logs_and_keys_need_are_features():
    needed = {*LOGS.values(), *(setting.feature for setting in KEYS.values())}
    assert needed - {""} <= set(FEATURES)


def test_the_elements_as_a_parser_reads_them():
    root = ET.fromstring(to_xml("clickhouse", log_elements(LOGS_OF_A_SITE)))
    found = {log.tag: (log.get("remove"), {item.tag: item.text for item in log}) for log in root}
    assert found == {
        "query_log": (
            None,
            {"partition_by": "toMonday(event_date)", "ttl": "event_date + INTERVAL 30 DAY DELETE"},
        ),
        "part_log": (None, {}),
        "trace_log": ("remove", {}),
        "text_log": (None, {}),
    }
    assert errors(LOGS_OF_A_SITE) == []


@pytest.mark.parametrize(
    ("logs", "found"),
    [
        ({"query_logs": {}}, "unknown log query_logs"),
        ({"query_log": {"ttl": 3}}, "query_log: unknown key ttl"),
        ({"query_log": {"ttl_days": 0}}, "query_log: ttl_days: 0"),
        ({"query_log": {"ttl_days": "a month"}}, "query_log: ttl_days: a month"),
        ({"query_log": {"enabled": "no"}}, "query_log: enabled: no"),
        ({"query_log": 30}, "query_log: 30"),
    ],
)
def test_mistakes(logs, found):
    assert [problem for problem, _expected in errors(logs)] == [found]


def test_what_18_16_lacks():
    assert [found for found, _expected in errors({"text_log": {}, "query_log": {"ttl_days": 1}}, "18.16.1")] == [
        "text_log, which needs ClickHouse 20.4 or later; this is 18.16.1",
        "query_log: ttl_days, which needs ClickHouse 20.5 or later; this is 18.16.1",
    ]
