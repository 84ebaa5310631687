# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The documentation and the variables of metadata in ZooKeeper agree with the table."""

import yaml
from helpers import CHECKOUT

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import FEATURES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.stores import STORES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.validate import (
    KEEPER_ONLY,
    KEEPER_ONLY_SETTINGS,
)

DOCUMENT = (CHECKOUT / "docs" / "clickhouse-metadata.md").read_text()
SPECS = CHECKOUT / "roles" / "clickhouse" / "meta" / "argument_specs.yml"


def row(store):
    year, month = FEATURES[store.feature][0]
    settings = ", ".join(f"`{setting}`" for setting in store.settings)
    znodes = f"`{store.znodes}`" if store.znodes else "none: it is one znode"
    return f"| `{store.key}` | {store.content} | `{store.path}` | {znodes} | {year}.{month} | {settings} |"


def test_the_documentation_has_the_table():
    text = DOCUMENT.partition("<!-- begin: stores -->")[2].partition("<!-- end: stores -->")[0]
    _head, _line, *rows = text.strip().splitlines()
    assert rows == [row(store) for store in STORES.values()]


def test_the_documentation_lists_what_needs_keeper():
    rows = DOCUMENT.partition("## What needs ClickHouse Keeper")[2].splitlines()
    listed = {line.split("`")[1] for line in rows if line.startswith("| `")}
    assert listed == {*KEEPER_ONLY, *KEEPER_ONLY_SETTINGS} - {"allow_kafka_offsets_storage_in_keeper"}


def test_the_variable_has_the_keys_and_the_default_paths_of_the_table():
    options = yaml.safe_load(SPECS.read_text())["argument_specs"]["main"]["options"]["clickhouse_metadata"]["options"]
    assert {key: option["options"]["path"]["default"] for key, option in options.items()} == {
        key: store.path for key, store in STORES.items()
    }
