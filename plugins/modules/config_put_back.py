#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: undo a change of files that the service has not read yet."""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_put_back
short_description: Undo a change of the files of a service that it has not read yet
version_added: 0.1.0
description:
  - Writes the files of M(zoohouse.cluster.config_tree) as they were before their last change, if the service runs and
    the restart for this change is still pending.
  - The roles use it on all other hosts when the first host that was restarted is not healthy with the new files.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.attributes
options:
  name:
    description: Name of the set of files, as in M(zoohouse.cluster.config_tree).
    type: str
    required: true
  service:
    description: The systemd unit that reads the files.
    type: str
    required: true
attributes:
  check_mode:
    support: partial
    details:
      - Writes nothing and reports no change.
  diff_mode:
    description: The files are those of the diff of the change, the other way round.
    support: none
"""

EXAMPLES = r"""
- name: Undo the change
  zoohouse.cluster.config_put_back:
    name: clickhouse
    service: clickhouse-server.service
"""

RETURN = r"""
paths:
  description: Files that were put back.
  returned: always
  type: list
  elements: str
  sample: [/etc/clickhouse-server/config.d/logger.xml]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.config_record import put_back, unread_files


def main() -> None:
    module = AnsibleModule(
        argument_spec={"name": {"type": "str", "required": True}, "service": {"type": "str", "required": True}},
        supports_check_mode=True,
    )
    name = module.params["name"]
    pending = not module.check_mode and unread_files(module, name, module.params["service"])
    paths = put_back(module, name) if pending else []
    module.exit_json(changed=bool(paths), paths=paths)


if __name__ == "__main__":
    main()
