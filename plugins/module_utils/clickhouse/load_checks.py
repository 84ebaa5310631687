# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What `clickhouse local` loads of a configuration before it is written, as the server does. Pure.

It needs no server and no data. The packages of 18.16 do not contain it; the role has tables of names for that version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .users.setting_names import load_errors

SECTION = "merge_tree"
COMMAND = ("clickhouse", "local", "--config-file", "%f", "--query")
USERS = "<clickhouse><users_config>%s/users.xml</users_config></clickhouse>"
USERS_LEAD = (
    "clickhouse_profiles, clickhouse_users, clickhouse_quotas or clickhouse_extra_users: found a mistake, "
    "expected what the server can load. It says: "
)
# The section alone, out of one fragment: the other sections are about a server.
TABLES = (
    "<clickhouse><include_from>%s/config.d/{}.xml</include_from>"
    f'<{SECTION} incl="{SECTION}" optional="true"/></clickhouse>'
)
TABLE = "CREATE TABLE checked (n Int8) ENGINE = MergeTree ORDER BY n"
TABLES_LEAD = "{}: found a mistake, expected names and values of system.merge_tree_settings. The server says: "
# Not that there is no such file, before the fragment is written for the first time.
TABLES_ERRORS = "in MergeTree config|Cannot parse"


def load_checks(extra_config: Mapping[str, Any], merge_tree: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Items of validate_loads of the module config_tree. merge_tree: clickhouse_merge_tree."""
    yield {
        "command": [*COMMAND, "SELECT 1"],
        "content": USERS,
        "errors": load_errors(extra_config),
        "lead": USERS_LEAD,
    }
    fragments = {
        "clickhouse_merge_tree": ("merge_tree", merge_tree),
        "clickhouse_extra_config": ("zz-extra", extra_config.get(SECTION)),
    }
    for variable, (fragment, settings) in fragments.items():
        if settings:
            yield {
                "command": [*COMMAND, TABLE],
                "content": TABLES.format(fragment),
                "errors": TABLES_ERRORS,
                "lead": TABLES_LEAD.format(variable),
            }
