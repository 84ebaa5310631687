# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for users, profiles and quotas of ClickHouse."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users import accounts, profiles, quotas
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users.validate import Wanted, validate_users


def clickhouse_users_errors(wanted, host):
    fields = {**wanted, "allow_open_users": boolean(wanted.get("allow_open_users", False))}
    return [error.as_dict() for error in validate_users(str(host), Wanted(**fields))]


def clickhouse_users_fragment(items, name, version):
    """The content of one fragment. Passwords become hashes here, on the control node."""
    if name == accounts.FRAGMENT:
        return accounts.elements(items, str(version))
    if name == profiles.FRAGMENT:
        return profiles.elements(items)
    if name == quotas.FRAGMENT:
        return quotas.elements(items)
    raise AnsibleFilterError(f"{name}: expected users, profiles or quotas")


class FilterModule:
    def filters(self):
        return {
            "clickhouse_users_errors": clickhouse_users_errors,
            "clickhouse_users_fragment": clickhouse_users_fragment,
        }
