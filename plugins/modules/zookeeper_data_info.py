#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: what the data directories of a member hold."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zookeeper_data_info
short_description: Read what the data directories of a ZooKeeper member hold
version_added: 0.1.0
description:
  - Reads file names and the content of C(myid).
  - The role uses it to decide whether an ensemble is new or has lost its disks.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.attributes
  - zoohouse.cluster.attributes.info_module
options:
  data_dir:
    description: C(dataDir) of the member.
    type: path
    required: true
  data_log_dir:
    description: C(dataLogDir) of the member.
    type: path
    required: true
  bootstrap_record:
    description:
      - File that records that the member was part of a serving ensemble. It is outside the data directories.
    type: path
    required: true
  packages:
    description: Debian packages to look for.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Read the data directories of the member
  zoohouse.cluster.zookeeper_data_info:
    data_dir: /var/lib/zookeeper/data
    data_log_dir: /var/lib/zookeeper/log
    bootstrap_record: /var/lib/zoohouse/zookeeper-bootstrapped
"""

RETURN = r"""
files:
  description: Names below C(version-2) of both directories.
  returned: always
  type: list
  elements: str
  sample: [log.100000001, snapshot.0]
myid:
  description: The id in C(myid), null if there is none.
  returned: always
  type: int
  sample: 1
initialize:
  description: Whether C(initialize), the marker that allows an empty start, is in the directory of transaction logs.
  returned: always
  type: bool
  sample: false
bootstrapped:
  description: Whether O(bootstrap_record) exists.
  returned: always
  type: bool
  sample: true
packages:
  description: Installed version of each package, null where it is not installed.
  returned: always
  type: dict
  sample: {zookeeper: 3.8.0-11+deb12u2}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.packages import installed_versions
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.disk import read_disk


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "data_dir": {"type": "path", "required": True},
            "data_log_dir": {"type": "path", "required": True},
            "bootstrap_record": {"type": "path", "required": True},
            "packages": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    paths = [module.params[name] for name in ("data_dir", "data_log_dir", "bootstrap_record")]
    try:
        disk = read_disk(*paths)
    except OSError as error:
        module.fail_json(msg=f"The data directories of the member cannot be read: {error}")
    module.exit_json(changed=False, packages=installed_versions(module, module.params["packages"]), **disk)


if __name__ == "__main__":
    main()
