#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: one znode."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zookeeper_znode
short_description: Create, change or delete a znode
version_added: 0.1.0
description:
  - Compares the bytes of the value, so a second run changes nothing. Missing parents are created as empty znodes.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.zookeeper
  - zoohouse.cluster.attributes
options:
  path:
    description: Absolute path of the znode.
    type: str
    required: true
  state:
    description: Whether the znode should exist.
    type: str
    choices: [present, absent]
    default: present
  value:
    description:
      - Value of the znode. Without it an existing znode keeps its value, and a new one is empty.
    type: str
  value_encoding:
    description: Encoding of O(value); V(base64) for binary values.
    type: str
    choices: [utf-8, base64]
    default: utf-8
  recursive:
    description: With O(state=absent), delete the children too. Otherwise a znode with children is an error.
    type: bool
    default: false
requirements:
  - kazoo on the host that runs the module
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
"""

EXAMPLES = r"""
- name: Create a chroot
  zoohouse.cluster.zookeeper_znode:
    hosts: [zk1, zk2, zk3]
    path: /clickhouse/main

- name: Delete a subtree
  zoohouse.cluster.zookeeper_znode:
    hosts: [zk1, zk2, zk3]
    path: /scratch
    state: absent
    recursive: true
"""

RETURN = r"""
path:
  description: Path of the znode.
  returned: always
  type: str
  sample: /clickhouse/main
created:
  description: Whether the znode was created (in check mode, would be).
  returned: when O(state=present)
  type: bool
  sample: true
version:
  description: Version of the data afterwards; -1 when the znode does not exist.
  returned: always
  type: int
  sample: 0
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import (
    client_endpoints,
    zookeeper_options,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.znode import (
    KAZOO_ERROR,
    ZnodeError,
    apply,
    make_client,
    path_error,
    wanted_bytes,
)


def main() -> None:
    module = AnsibleModule(
        argument_spec=zookeeper_options(
            path={"type": "str", "required": True},
            state={"type": "str", "choices": ["present", "absent"], "default": "present"},
            value={"type": "str"},
            value_encoding={"type": "str", "choices": ["utf-8", "base64"], "default": "utf-8"},
            recursive={"type": "bool", "default": False},
        ),
        supports_check_mode=True,
    )
    params = module.params
    if KAZOO_ERROR:
        module.fail_json(msg=missing_required_lib("kazoo"), exception=KAZOO_ERROR)
    if path_error(params["path"]):
        module.fail_json(msg=path_error(params["path"]))
    try:
        value = wanted_bytes(params["value"], params["value_encoding"])
        hosts = client_endpoints(params)
        start_timeout = max(10.0, params["connect_timeout"] * len(hosts))
        module.exit_json(**apply(make_client(hosts), params, value, module.check_mode, start_timeout))
    except (ValueError, ZnodeError) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
