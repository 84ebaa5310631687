#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: configuration that all servers include from ZooKeeper."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_shared_config
short_description: Write configuration that ClickHouse servers include from ZooKeeper, and its versions
version_added: 0.1.0
description:
  - Each element of the configuration is one znode, which servers include with C(from_zk). One transaction writes all
    elements that differ, and a version with all of them. If somebody else writes at the same time, nothing is written.
  - Settings of C(merge_tree) that the server at O(login_host) does not know, and texts where it has numbers, are
    refused, if it answers.
  - The znode of an element that is not wanted any more stays, because servers may still include it.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.clickhouse
  - zoohouse.cluster.zookeeper
  - zoohouse.cluster.attributes
options:
  path:
    description: Znode of the shared configuration. Below it are the elements and the versions.
    type: path
    required: true
  state:
    description:
      - V(present) writes O(elements).
      - V(rolled_back) writes the elements of O(version) as a new version. It needs the elements of the newest one.
      - V(read) changes nothing, and returns the versions.
    type: str
    choices: [present, rolled_back, read]
    default: present
  elements:
    description: Content of each element by its path, such as C(merge_tree/parts_to_throw_insert), as XML.
    type: dict
    default: {}
  version:
    description: Version to write with O(state=rolled_back), or to compare with the newest one with O(state=read).
    type: int
  history:
    description: Number of versions that are kept.
    type: int
    default: 10
  password:
    description: With it, only those who know it can change the znodes; all can read them.
    type: str
    default: ""
  writer:
    description: Who writes; the version contains it.
    type: str
    default: clickhouse_shared_config
requirements:
  - kazoo on the host that runs the module
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
"""

EXAMPLES = r"""
- name: Write the shared configuration
  zoohouse.cluster.clickhouse_shared_config:
    hosts: [zk1, zk2, zk3]
    path: /clickhouse/main/zoohouse/config
    elements:
      merge_tree/parts_to_throw_insert: "600"
      max_concurrent_queries: "200"
  run_once: true
"""

RETURN = r"""
version:
  description: The newest version afterwards (in check mode, the one that would be written); 0 when there is none.
  returned: success
  type: int
  sample: 3
elements:
  description: Content of its elements, by path.
  returned: success
  type: dict
  sample: {merge_tree/parts_to_throw_insert: "600"}
written:
  description: Elements of which the znode was written (in check mode, would be).
  returned: success
  type: list
  elements: str
  sample: [merge_tree/parts_to_throw_insert]
previous:
  description: Content of the same elements before, by path; without those that did not exist.
  returned: with O(state=present) and O(state=rolled_back)
  type: dict
  sample: {merge_tree/parts_to_throw_insert: "300"}
versions:
  description: The versions that are kept, the newest last.
  returned: success
  type: list
  elements: dict
  contains:
    version: {description: Its number., type: int, sample: 3}
    written: {description: When it was written., type: str, sample: '2026-11-27 08:00 UTC'}
    by: {description: Who wrote it., type: str, sample: anna on control}
    note: {description: 'Where its elements are from, if not from the inventory.', type: str, sample: version 1 again}
restarts:
  description: Those of RV(written) that the server reads only when it starts; all of them if it does not answer.
  returned: success
  type: list
  elements: str
  sample: [merge_tree/parts_to_throw_insert]
report:
  description: For people. The versions and what the newest one has, or what was done.
  returned: with O(state=read) and O(state=rolled_back)
  type: list
  elements: str
  sample: ["Version 3: 2026-11-27 08:00 UTC, anna on control"]
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.options import clickhouse_options, server_from
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.apply import apply, read
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.plan import SharedConfigError
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.store import Store
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
    return {
        **zookeeper_options(),
        **clickhouse_options(
            path={"type": "path", "required": True},
            state={"type": "str", "choices": ["present", "rolled_back", "read"], "default": "present"},
            elements={"type": "dict", "default": {}},
            version={"type": "int"},
            history={"type": "int", "default": 10},
            password={"type": "str", "default": "", "no_log": True},
            writer={"type": "str", "default": "clickhouse_shared_config"},
        ),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec=argument_spec(),
        required_if=[("state", "rolled_back", ["version"])],
        supports_check_mode=True,
    )
    params = module.params
    if KAZOO_ERROR:
        module.fail_json(msg=missing_required_lib("kazoo"), exception=KAZOO_ERROR)
    if params["history"] < 1:
        module.fail_json(msg=f"history: found {params['history']}, expected at least 1")
    try:
        endpoints = client_endpoints(params)
        with connected([endpoints], max(10.0, params["connect_timeout"] * len(endpoints))) as (client,):
            store = Store(client, params["path"], params["password"])
            if params["state"] == "read":
                module.exit_json(**read(store, params["version"]))
            module.exit_json(**apply(store, server_from(params), params, module.check_mode))
    except (ValueError, ZnodeError, SharedConfigError) as error:
        unchanged = "" if params["state"] == "read" else "The shared configuration was not changed. "
        module.fail_json(msg=f"{unchanged}{error}")


if __name__ == "__main__":
    main()
