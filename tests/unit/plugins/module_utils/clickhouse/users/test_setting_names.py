# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which settings a profile may have."""

import re

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users.profiles import SETTINGS
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users.setting_names import (
    SETTINGS_OF_OLDEST,
    load_errors,
    unknown_settings,
)

# As clickhouse local writes it.
UNKNOWN = (
    "Code: 115. DB::Exception: Unknown setting '{}': while parsing profile 'other' in users configuration file: "
    "while loading configuration. (UNKNOWN_SETTING)"
)
CHANGEABLE = (
    "Code: 48. DB::Exception: Setting changeable_in_readonly for max_threads is not allowed unless "
    "settings_constraints_replace_previous is enabled: while parsing profile 'other' in users configuration file: "
    "while loading configuration. (NOT_IMPLEMENTED)"
)
CLOSED = "Code: 516. DB::Exception: default: Authentication failed: password is incorrect. (AUTHENTICATION_FAILED)"


def test_the_table_has_the_settings_of_distributed_queries():
    assert len(SETTINGS_OF_OLDEST) == 184 and set(SETTINGS) < SETTINGS_OF_OLDEST


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("max_memory_usag", "max_memory_usage, which is similar"),
        ("nonsense_of_somebody", "a name in system.settings of ClickHouse 18.16.102"),
    ],
)
def test_an_unknown_setting_of_the_oldest_version(setting, expected):
    profile = {"settings": {setting: 1, "max_threads": 3}}
    assert list(unknown_settings("18.16.102", "short", profile)) == [(f"short: unknown setting {setting}", expected)]
    assert list(unknown_settings("25.8.2.1", "short", profile)) == []
    assert list(unknown_settings("18.16.1", "short", {"settings": None})) == []


@pytest.mark.parametrize(
    ("line", "config", "counts"),
    [
        (UNKNOWN.format("max_thread"), {}, True),
        (UNKNOWN.format("SQL_x"), {}, False),
        (UNKNOWN.format("app_x"), {}, True),
        (UNKNOWN.format("app_x"), {"custom_settings_prefixes": "own_, app_"}, False),
        (UNKNOWN.format("my_app_x"), {"custom_settings_prefixes": ["own_", "app_"]}, True),
        # Every name may be one of somebody's own.
        (UNKNOWN.format("max_thread"), {"custom_settings_prefixes": ""}, False),
        (CHANGEABLE, {}, False),
        (CLOSED, {}, False),
    ],
)
def test_which_messages_of_the_program_count(line, config, counts):
    assert bool(re.search(load_errors(config), line)) is counts
