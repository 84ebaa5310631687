# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/clickhouse-configuration.md agree with the table of settings."""

import re

import pytest
from helpers import CHECKOUT

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import FEATURES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.settings import FRAGMENTS, SECTIONS

TEXT = (CHECKOUT / "docs" / "clickhouse-configuration.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)


def version(feature):
    return "{}.{}".format(*FEATURES[feature][0])


def change(fragment):
    feature = FRAGMENTS[fragment]
    return "restart" if feature is None else f"reload since {version(feature)}" if feature else "reload"


@pytest.mark.parametrize("variable", SECTIONS)
def test_every_key_is_documented_with_its_version_and_what_a_change_does(variable):
    (part,) = re.findall(rf"^## `{variable}`\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert ROW.findall(part) == [
        (key, version(setting.feature) if setting.feature else "any", change(setting.fragment))
        for key, setting in SECTIONS[variable][1].items()
    ]
