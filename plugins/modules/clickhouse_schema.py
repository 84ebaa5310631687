#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: the databases and the schema of a cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_schema
short_description: Create the databases of a ClickHouse cluster and apply its schema once
version_added: 0.1.0
description:
  - Creates databases that a replica lacks. Then it applies the entries of the schema that were not applied yet, in
    their order, and records each of their statements in ZooKeeper.
  - An entry of which the text has changed since it was applied is critical, and nothing is applied. Nothing is dropped.
  - It applies something only if all replicas answer and have opened their queue of C(ON CLUSTER) statements.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.clickhouse
  - zoohouse.cluster.zookeeper
  - zoohouse.cluster.attributes
options:
  cluster:
    description: Name of the cluster.
    type: str
    required: true
  databases:
    description: Databases to create.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: Name of the database., type: str, required: true}
      engine: {description: Its engine; empty is the default of the server., type: str, default: ""}
  entries:
    description: Entries of the schema, in their order.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: Name under which the entry is recorded., type: str, required: true}
      statements:
        description: Its statements. One that every replica has to run needs C(ON CLUSTER).
        type: list
        elements: str
        required: true
  path:
    description: Znode below which applied entries are recorded.
    type: path
    required: true
  servers:
    description: All replicas of the cluster.
    type: list
    elements: dict
    required: true
    suboptions:
      host: {description: Host name or address., type: str, required: true}
      port: {description: TCP port of the HTTP interface., type: int, default: 8123}
      name: {description: Name of the replica in findings; its host by default., type: str}
  ddl_path:
    description: Path of the queue of C(ON CLUSTER) statements, relative to the chroot. Empty does not check it.
    type: str
    default: ""
  holder:
    description: Who applies the schema; another run that waits for it reads this.
    type: str
    default: clickhouse_schema
  timeout:
    description: Seconds that a statement may take on all replicas, and that another run is waited for.
    type: float
    default: 180.0
requirements:
  - kazoo on the host that runs the module
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Shows the statements. Keep passwords in named collections.
"""

EXAMPLES = r"""
- name: Apply the schema
  zoohouse.cluster.clickhouse_schema:
    hosts: [zk1, zk2, zk3]
    login_user: admin
    login_password: "{{ clickhouse_admin_password }}"
    cluster: main
    path: /clickhouse/main/zoohouse/schema
    servers:
      - {host: ch1}
      - {host: ch2}
    databases:
      - {name: demo}
    entries:
      - name: hits
        statements:
          - >-
            CREATE TABLE IF NOT EXISTS demo.hits ON CLUSTER main (day Date, id UInt64)
            ENGINE = ReplicatedMergeTree('/tables/{shard}/demo/hits', '{replica}') ORDER BY id
  run_once: true
"""

RETURN = r"""
applied:
  description: Databases and entries that were applied (in check mode, would be).
  returned: success
  type: list
  elements: str
  sample: [demo, hits]
findings:
  description: The state of the databases and entries that were there before.
  returned: success, or when one of them is critical
  type: list
  elements: dict
  contains:
    check: {description: 'C(database) or C(schema).', type: str, sample: schema}
    severity: {description: 'C(ok) or C(critical).', type: str, sample: critical}
    subject: {description: The database or the entry., type: str, sample: hits}
    found: {description: What was found., type: str, sample: another text than that which was applied}
    expected: {description: What was expected., type: str, sample: the same text}
    hint: {description: What to do., type: str, sample: Restore it.}
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.options import (
    SERVER_OPTIONS,
    clickhouse_options,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.schema_apply import apply_schema
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.lock import LockError
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import (
    client_endpoints,
    zookeeper_options,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.znode import (
    KAZOO_ERROR,
    ZnodeError,
    connected,
)


def argument_spec() -> dict:
    database = {"name": {"type": "str", "required": True}, "engine": {"type": "str", "default": ""}}
    entry = {
        "name": {"type": "str", "required": True},
        "statements": {"type": "list", "elements": "str", "required": True},
    }
    return {
        **zookeeper_options(),
        **clickhouse_options(
            cluster={"type": "str", "required": True},
            databases={"type": "list", "elements": "dict", "default": [], "options": database},
            entries={"type": "list", "elements": "dict", "default": [], "options": entry},
            path={"type": "path", "required": True},
            servers={"type": "list", "elements": "dict", "required": True, "options": SERVER_OPTIONS},
            ddl_path={"type": "str", "default": ""},
            holder={"type": "str", "default": "clickhouse_schema"},
            timeout={"type": "float", "default": 180.0},
        ),
    }


def main() -> None:
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    params = module.params
    if KAZOO_ERROR:
        module.fail_json(msg=missing_required_lib("kazoo"), exception=KAZOO_ERROR)
    try:
        endpoints = client_endpoints(params)
        with connected([endpoints], params["timeout"]) as (client,):
            module.exit_json(**apply_schema(module, client, endpoints))
    except (ValueError, ZnodeError, LockError, ClickHouseError) as error:
        module.fail_json(msg=f"The schema was not applied completely. {error}")


if __name__ == "__main__":
    main()
