# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/health-checks.md says what the code does."""

import re

import pytest
from helpers import CHECKOUT

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.limits import DEFAULTS as LAYOUT
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.limits import DEFAULTS as CLICKHOUSE
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.limits import DEFAULTS as ZOOKEEPER


def documented(heading):
    """The rows of the table below a heading, as cells after the name of their check, by this name."""
    text = (CHECKOUT / "docs" / "health-checks.md").read_text().partition(f"\n{heading}\n")[2]
    lines = re.split(r"\n#+ ", text)[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:3] == "| `"]
    return {row[0].strip("`"): row[1:] for row in rows}


@pytest.mark.parametrize(
    ("heading", "checks"),
    [
        ("### Limits of servers and tables", CLICKHOUSE),
        ("### Limits of the layout", LAYOUT),
        ("## ZooKeeper", ZOOKEEPER),
    ],
)
def test_every_check_is_documented_with_its_default_unit_and_source(heading, checks):
    rows = documented(heading)
    assert list(rows) == list(checks)
    for check in checks.values():
        what, healthy, severity, source = rows[check.name]
        assert what and healthy, check.name
        assert (severity, source) == (check.severity, check.source), check.name
        assert check.limit is None or healthy == check.expected, check.name
