# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for users, profiles and quotas of ClickHouse."""

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.zoohouse.cluster.plugins.filter.clickhouse_users import (
    clickhouse_users_errors,
    clickhouse_users_fragment,
)

USERS = {"a": {"no_password": True}}


def test_errors_are_findings_of_the_host():
    (error,) = clickhouse_users_errors({"version": "25.8", "users": USERS, "allow_open_users": "no"}, "ch1")
    assert (error["check"], error["subject"]) == ("clickhouse_users", "ch1")
    assert clickhouse_users_errors({"version": "25.8", "users": USERS, "allow_open_users": "yes"}, "ch1") == []


@pytest.mark.parametrize(
    ("name", "items"),
    [("users", USERS), ("profiles", {"p": {}}), ("quotas", {"q": {"intervals": [{"duration": 1, "queries": 1}]}})],
)
def test_fragments(name, items):
    content = clickhouse_users_fragment(items, name, "25.8")
    assert list(content) == [name] and list(content[name]) == list(items)


def test_another_fragment():
    with pytest.raises(AnsibleFilterError):
        clickhouse_users_fragment({}, "roles", "25.8")
