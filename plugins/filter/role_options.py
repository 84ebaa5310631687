# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Role variables as the types of the argument specs; vars/main.yml of each role is the only place that uses it."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ansible_collections.zoohouse.cluster.plugins.module_utils.role_options import convert


def as_type(value, name, elements="str"):
    try:
        return convert(value, {"type": name, "elements": elements})
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self):
        return {"as_type": as_type}
