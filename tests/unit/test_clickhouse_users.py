# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/clickhouse-users.md agree with the tables of keys."""

import re

import pytest
import yaml
from helpers import CHECKOUT

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import FEATURES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users import accounts, profiles, quotas
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users.authentication import METHODS
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users.validate import Wanted, validate_users

TEXT = (CHECKOUT / "docs" / "clickhouse-users.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \| ([0-9.]+|any) \|", re.MULTILINE)


def version(feature):
    return "{}.{}".format(*FEATURES[feature][0]) if feature else "any"


def rows(heading):
    (part,) = re.findall(rf"^## `{heading}`\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    return dict(ROW.findall(part))


def test_keys_of_users():
    needs = {
        **METHODS,
        "password_type": "",
        "auth_methods": "users_several_methods",
        "networks": "",
        **{key: setting.feature for key, setting in accounts.VALUES.items()},
        **accounts.LISTS,
        "filters": "users_filters",
    }
    assert set(needs) == set(accounts.KEYS)
    assert rows("clickhouse_users") == {key: version(feature) for key, feature in needs.items()}


def test_keys_of_profiles():
    assert rows("clickhouse_profiles") == {"profile": "any", "settings": "any", "constraints": "20.1"}
    policies = [f"`{policy}`" for policy in profiles.POLICIES]
    assert all(name in TEXT for name in [*policies, *(f"| `{name}` |" for name in profiles.SETTINGS)])
    for policy, feature in profiles.POLICIES.items():
        assert not feature or f"`{policy}` ({version(feature)})" in TEXT


def test_keys_of_quotas():
    limits = {key: version(setting.feature) for key, setting in quotas.LIMITS.items()}
    assert rows("clickhouse_quotas") == dict.fromkeys([*quotas.KEYS, "duration", "randomize"], "any") | limits


@pytest.mark.parametrize("release", ["24.8.1", "25.8.1"])
def test_the_example_is_valid(release):
    (example,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    variables = {key.removeprefix("clickhouse_"): value for key, value in yaml.safe_load(example).items()}
    assert list(validate_users("ch1", Wanted(release, **variables))) == []
