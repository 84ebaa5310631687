# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/health-checks.md says what the code does."""

from helpers import CHECKOUT

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.limits import LIMITS


def test_the_limits_of_clickhouse_are_documented():
    text = (CHECKOUT / "docs" / "health-checks.md").read_text()
    for limit in LIMITS:
        assert f"| `{limit.check}` | {limit.value:g} {limit.unit} | {limit.severity} | {limit.source} |\n" in text
