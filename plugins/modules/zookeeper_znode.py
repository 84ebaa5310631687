#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: one znode, as it should be."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zookeeper_znode
short_description: Create, change or delete a znode
version_added: 0.1.0
description:
  - Converges on the bytes of the value; a second run changes nothing. Parents are created as empty znodes.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.zookeeper
options:
  path:
    description: Absolute path of the znode.
    type: str
    required: true
  state:
    description: Whether it should be there.
    type: str
    choices: [present, absent]
    default: present
  value:
    description:
      - What it should hold. Without it a znode that is there keeps what it holds, and a new one is empty.
    type: str
  value_encoding:
    description: How O(value) is written; V(base64) for values that are no text.
    type: str
    choices: [utf-8, base64]
    default: utf-8
  recursive:
    description: With O(state=absent), delete its children too. Without it, a znode with children is refused.
    type: bool
    default: false
requirements:
  - kazoo on the host that runs the module
attributes:
  check_mode:
    support: full
    description: It says what it would change.
  diff_mode:
    support: full
    description: It shows the value before and after.
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
  description: The path that was asked for.
  returned: always
  type: str
  sample: /clickhouse/main
created:
  description: Whether the znode was created (would be, in check mode).
  returned: when O(state=present)
  type: bool
  sample: true
version:
  description: Version of its data afterwards; -1 when it does not exist.
  returned: always
  type: int
  sample: 0
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import endpoints, zookeeper_options
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.znode import (
    KAZOO_ERROR,
    ZnodeError,
    apply,
    client_of,
    refusal,
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
    if refusal(params["path"]):
        module.fail_json(msg=refusal(params["path"]))
    try:
        value = wanted_bytes(params["value"], params["value_encoding"])
        asked = endpoints(params["hosts"])
        start_timeout = max(10.0, params["connect_timeout"] * len(asked))
        module.exit_json(**apply(client_of(asked), params, value, module.check_mode, start_timeout))
    except (ValueError, ZnodeError) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
