#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: a subtree of ZooKeeper as data."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zookeeper_layout_info
short_description: Return a subtree of ZooKeeper as data, with its largest znodes
version_added: 0.1.0
description:
  - Reads all znodes from O(path) down, many at a time. Returns totals, the largest znodes, the parents with most
    children, and the data of up to O(limit) znodes.
  - Never fails because the ensemble is unhealthy; RV(error) says why a subtree could not be read.
  - Takes seconds for 100,000 znodes, and memory for the names of the children of one parent and for what it returns.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.zookeeper
  - zoohouse.cluster.subtree
  - zoohouse.cluster.attributes
  - zoohouse.cluster.attributes.info_module
options:
  limit:
    description: Return the data of so many znodes at most; totals are always those of the whole subtree.
    type: int
    default: 1000
  max_bytes:
    description: Return so many bytes of the data of each znode at most.
    type: int
    default: 4096
  top:
    description: Return so many of the largest znodes and of the parents with most children.
    type: int
    default: 10
"""

EXAMPLES = r"""
- name: Read what ClickHouse keeps in ZooKeeper
  zoohouse.cluster.zookeeper_layout_info:
    hosts: [zk1, zk2, zk3]
    path: /clickhouse
    followers_only: true
  register: layout

- name: Show the parents with most children
  ansible.builtin.debug:
    var: layout.most_children
"""

RETURN = r"""
exists:
  description: Whether O(path) exists.
  returned: always
  type: bool
  sample: true
error:
  description: Why the subtree could not be read as a whole; empty when it was.
  returned: always
  type: str
  sample: ""
znodes:
  description: Number of znodes, O(path) included.
  returned: always
  type: int
  sample: 120
bytes:
  description: Size of their data in bytes.
  returned: always
  type: int
  sample: 52480
ephemerals:
  description: Number of ephemeral znodes.
  returned: always
  type: int
  sample: 4
truncated:
  description: Whether RV(tree) has fewer znodes than the subtree.
  returned: always
  type: bool
  sample: false
tree:
  description: Znodes by path.
  returned: always
  type: dict
  contains:
    data: {description: The data, type: str, sample: '10.0.0.21:9009'}
    encoding: {description: C(utf-8) or C(base64)., type: str, sample: utf-8}
    bytes: {description: Size of the data., type: int, sample: 14}
    children: {description: Number of children., type: int, sample: 0}
    ephemeral_owner: {description: Session of an ephemeral znode; else empty., type: str, sample: '0x100000a1b2c0001'}
    version: {description: Version of the data., type: int, sample: 0}
    created: {description: Time of its creation in seconds since 1970., type: float, sample: 1795000000.5}
    modified: {description: Time of its last change in seconds since 1970., type: float, sample: 1795000000.5}
largest:
  description: The largest znodes.
  returned: always
  type: list
  elements: dict
  contains:
    path: {description: Its path., type: str, sample: /clickhouse/main/tables/01/hits/metadata}
    bytes: {description: Size of its data., type: int, sample: 4096}
most_children:
  description: The parents with most children.
  returned: always
  type: list
  elements: dict
  contains:
    path: {description: Its path., type: str, sample: /clickhouse/main/tables/01/hits/blocks}
    children: {description: Number of children., type: int, sample: 100}
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import (
    client_endpoints,
    zookeeper_options,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.subtree import Summary
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.walk import WalkError, walk, walkers
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.znode import KAZOO_ERROR, ZnodeError


def main() -> None:
    module = AnsibleModule(
        argument_spec=zookeeper_options(
            path={"type": "str", "required": True},
            limit={"type": "int", "default": 1000},
            max_bytes={"type": "int", "default": 4096},
            top={"type": "int", "default": 10},
            followers_only={"type": "bool", "default": False},
        ),
        supports_check_mode=True,
    )
    params = module.params
    if KAZOO_ERROR:
        module.fail_json(msg=missing_required_lib("kazoo"), exception=KAZOO_ERROR)
    if not params["path"].startswith("/"):
        module.fail_json(msg=f"path: found {params['path']!r}, expected an absolute path")
    try:
        hosts = client_endpoints(params)
    except ValueError as error:
        module.fail_json(msg=f"hosts: {error}")
    summary = Summary(params["limit"], params["max_bytes"], params["top"])
    reason = ""
    try:
        with walkers(hosts, params["followers_only"], params["connect_timeout"]) as clients:
            summary.add(walk(clients, params["path"].rstrip("/") or "/"))
    except (WalkError, ZnodeError) as error:
        reason = str(error)
    module.exit_json(changed=False, exists=summary.znodes > 0, error=reason, **summary.results())


if __name__ == "__main__":
    main()
