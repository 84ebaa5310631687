#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: what a repository of ClickHouse packages offers to this host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_repository_info
short_description: Read which ClickHouse packages a repository offers
version_added: 0.1.0
description:
  - Reads a signed repository with the apt of the host, in a directory of its own, and verifies its signature.
  - It does not fail when the repository cannot be used, it says why.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.attributes
  - zoohouse.cluster.attributes.info_module
options:
  url:
    description: URL of the repository.
    type: str
    required: true
  channel:
    description: Its suite.
    type: str
    default: stable
  architecture:
    description: Architecture of the packages.
    type: str
    default: amd64
  key:
    description: The public key that has signed the repository, as armoured text; or its URL, which the host reads.
    type: str
    required: true
  timeout:
    description: Seconds without data after which a download fails.
    type: int
    default: 20
"""

EXAMPLES = r"""
- name: Read what the repository offers
  zoohouse.cluster.clickhouse_repository_info:
    url: https://packages.clickhouse.com/deb
    channel: lts
    key: https://packages.clickhouse.com/rpm/lts/repodata/repomd.xml.key
  register: repository
"""

RETURN = r"""
key:
  description: The public key as armoured text; empty when O(key) is none.
  returned: always
  type: str
  sample: "-----BEGIN PGP PUBLIC KEY BLOCK-----"
key_error:
  description: What O(key) is instead of a public key.
  returned: always
  type: str
  sample: a web page
error:
  description: Why apt cannot use the repository.
  returned: always
  type: str
  sample: Could not connect to packages.clickhouse.com:443
versions:
  description: Versions of each package, the newest first.
  returned: always
  type: dict
  sample: {clickhouse-server: [25.8.2.29, 25.8.1.5101]}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.urls import fetch_url

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.repository import read_repository


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "channel": {"type": "str", "default": "stable"},
            "architecture": {"type": "str", "default": "amd64"},
            "key": {"type": "str", "required": True, "no_log": False},
            "timeout": {"type": "int", "default": 20},
        },
        supports_check_mode=True,
    )
    params = module.params
    key, problem = params["key"].encode(), ""
    if params["key"].startswith(("http://", "https://")):
        answer, info = fetch_url(module, params["key"], timeout=params["timeout"])
        key = answer.read() if answer and info["status"] == 200 else b""
        problem = "" if key else f"not there: {info['msg']}"
    result = read_repository(module, params["url"], params["channel"], params["architecture"], key, params["timeout"])
    module.exit_json(changed=False, **{**result, "key_error": problem or result["key_error"]})


if __name__ == "__main__":
    main()
