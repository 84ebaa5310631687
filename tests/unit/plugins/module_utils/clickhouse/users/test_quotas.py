# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Quotas and their intervals."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users.quotas import (
    elements,
    features,
    problems,
)

HOUR = {"duration": 3600, "queries": 10}


def test_elements():
    quota = {"keyed_by": "key", "intervals": [{**HOUR, "randomize": True}, {"duration": "60", "errors": "0"}]}
    assert elements({"q": quota}) == {
        "quotas": {
            "q": {
                "@replace": "replace",
                "keyed": None,
                "interval": [{**HOUR, "randomize": True}, {"duration": 60, "errors": 0}],
            }
        }
    }
    assert list(problems("q", quota)) == []


@pytest.mark.parametrize(
    ("quota", "found", "expected"),
    [
        ({}, "q: intervals: nothing", "a list such as [{duration: 3600, queries: 1000}]"),
        ({"intervals": [HOUR], "keyed": True}, "q: unknown key keyed", "keyed_by, which is similar"),
        ({"intervals": [HOUR], "keyed_by": "user"}, "q: keyed_by: user", "one of key, ip, forwarded_ip"),
        ({"intervals": [3600]}, "q: intervals: 3600", "a dict such as {duration: 3600, queries: 1000}"),
        ({"intervals": [{"queries": 1}]}, "q: intervals: no duration", "seconds"),
        ({"intervals": [{**HOUR, "query": 1}]}, "q: intervals: unknown key query", "queries, which is similar"),
        ({"intervals": [{**HOUR, "queries": -1}]}, "q: intervals: queries: -1", "a whole number of at least 0"),
        ({"intervals": [{"duration": 60}]}, "q: intervals: no limit", None),
        ({"intervals": [HOUR, HOUR]}, "q: intervals: duration: 3600 twice", "one interval for each duration"),
    ],
)
def test_problems(quota, found, expected):
    ((text, wanted),) = problems("q", quota)
    assert text == found
    assert expected in (wanted, None)


def test_features():
    quota = {"keyed_by": "forwarded_ip", "intervals": [{**HOUR, "written_bytes": 1}]}
    assert [feature for _where, feature in features("q", quota) if feature] == [
        "quotas_forwarded_ip",
        "quotas_written_bytes",
    ]
