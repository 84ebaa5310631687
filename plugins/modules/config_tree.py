#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: all files of one service, compared and written in one round trip."""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_tree
short_description: Render directories of templates and keep a service's files equal to them
version_added: 0.1.0
description:
  - The action plugin renders every template below the source directories on the control node; the module compares and
    writes all files in one round trip.
  - A template that renders to nothing is not wanted. A file that this module once wrote and that is no longer wanted is
    removed; any other file is left alone.
  - It remembers under which run of the service a file was written, so that a restart that was due when a run was
    interrupted is still due in the next run.
author:
  - Zoohouse contributors (@zoohouse)
options:
  name:
    description: Name of the set of files; what was written is recorded under it in C(/var/lib/zoohouse).
    type: str
    required: true
  trees:
    description:
      - Directories to render; files whose names end in C(.j2) are templates, all others are left out.
      - Handled by the action plugin. Directories on the host are not made from it; see O(directories).
    type: list
    elements: dict
    suboptions:
      src: {description: Directory below the role's C(templates)., type: str, required: true}
      dest: {description: Directory on the host., type: path, required: true}
      owner: {description: Owner of the files., type: str, default: root}
      group: {description: Group of the files., type: str, default: root}
      mode: {description: Mode of the files., type: str, default: "0644"}
  directories:
    description: Directories that must exist.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: Absolute path., type: path, required: true}
      owner: {description: Owner., type: str, default: root}
      group: {description: Group., type: str, default: root}
      mode: {description: Mode., type: str, default: "0755"}
  service:
    description:
      - The systemd unit that reads the files. Units are reloaded when a file below C(/etc/systemd) changes.
    type: str
  restart_paths:
    description: Shell patterns of those files whose change the service sees only after a restart.
    type: list
    elements: str
    default: []
  secret_paths:
    description: Shell patterns of those files whose content no diff may show.
    type: list
    elements: str
    default: []
  files:
    description: Set by the action plugin.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: Absolute path., type: path, required: true}
      owner: {description: Owner., type: str, default: root}
      group: {description: Group., type: str, default: root}
      mode: {description: Mode., type: str, default: "0644"}
  contents:
    description: Set by the action plugin.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    description: It says what it would change.
  diff_mode:
    support: full
    description: It shows each file before and after, but for O(secret_paths).
"""

EXAMPLES = r"""
- name: Configure
  zoohouse.cluster.config_tree:
    name: zookeeper
    service: zookeeper.service
    trees:
      - {src: config, dest: /etc/zookeeper/zoohouse}
    restart_paths: ["/etc/zookeeper/zoohouse/*"]
  notify: Restart ZooKeeper
"""

RETURN = r"""
changed:
  description: Whether a file or directory was changed, or an earlier change still waits for its restart.
  returned: always
  type: bool
  sample: true
changed_paths:
  description: Files and directories that were (in check mode, would be) written or removed.
  returned: always
  type: list
  elements: str
  sample: [/etc/zookeeper/zoohouse/zoo.cfg]
restart_needed:
  description: Whether the running service was started before one of O(restart_paths) was last written.
  returned: always
  type: bool
  sample: false
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.config_tree import ConfigTree


def main() -> None:
    place = {
        "path": {"type": "path", "required": True},
        "owner": {"type": "str", "default": "root"},
        "group": {"type": "str", "default": "root"},
    }
    texts = {"type": "list", "elements": "str", "default": []}
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "service": {"type": "str"},
            "restart_paths": texts,
            "secret_paths": texts,
            "directories": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {**place, "mode": {"type": "str", "default": "0755"}},
            },
            "files": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {**place, "mode": {"type": "str", "default": "0644"}},
            },
            # Marked as secret as a whole: some of the files hold passwords.
            "contents": {"type": "dict", "default": {}, "no_log": True},
        },
        supports_check_mode=True,
    )
    # A new file is nobody else's until it has its owner and mode.
    os.umask(0o077)
    ConfigTree(module).run()


if __name__ == "__main__":
    main()
