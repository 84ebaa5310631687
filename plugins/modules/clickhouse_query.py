#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: one statement on one server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_query
short_description: Run one statement on a ClickHouse server
version_added: 0.1.0
description:
  - Uses the HTTP interface and Python's standard library, so the host needs no other package.
  - A statement that only reads returns its rows and reports no change. Any other statement reports a change.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.clickhouse
  - zoohouse.cluster.attributes
options:
  query:
    description: Statement to run, without a C(FORMAT) clause.
    type: str
    required: true
  settings:
    description: Settings of the query, such as C(max_execution_time).
    type: dict
    default: {}
attributes:
  check_mode:
    support: partial
    details:
      - Statements that only read are executed. Others are not, and are reported as a change.
  diff_mode:
    support: none
"""

EXAMPLES = r"""
- name: Count the rows
  zoohouse.cluster.clickhouse_query:
    login_user: admin
    login_password: "{{ clickhouse_admin_password }}"
    query: SELECT count() AS rows FROM demo.hits
  register: hits

- name: Create a database on every replica
  zoohouse.cluster.clickhouse_query:
    login_user: admin
    login_password: "{{ clickhouse_admin_password }}"
    query: CREATE DATABASE IF NOT EXISTS demo ON CLUSTER main
"""

RETURN = r"""
rows:
  description: Rows of a statement that only reads, each as a dict.
  returned: when the statement only reads
  type: list
  elements: dict
  sample: [{rows: 42}]
output:
  description: Raw answer of the server.
  returned: when the statement does more than read, outside check mode
  type: str
  sample: ""
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError, is_read
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.options import clickhouse_options, server_from


def main() -> None:
    module = AnsibleModule(
        argument_spec=clickhouse_options(
            query={"type": "str", "required": True},
            settings={"type": "dict", "default": {}},
        ),
        supports_check_mode=True,
    )
    query, settings = module.params["query"], module.params["settings"]
    server = server_from(module.params)
    try:
        if is_read(query):
            # readonly: the server rejects a statement that looks like a read and is none.
            module.exit_json(changed=False, rows=server.rows(query, {**settings, "readonly": 2}))
        output = "" if module.check_mode else server.execute(query, settings)
    except ClickHouseError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=True, output=output)


if __name__ == "__main__":
    main()
