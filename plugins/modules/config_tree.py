#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: all files of one service in one round trip."""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_tree
short_description: Manage all files of a service from directories of templates
version_added: 0.1.0
description:
  - The action plugin renders every template below the source directories on the control node; the module compares and
    writes all files in one round trip.
  - A template that renders to nothing creates no file. A file that this module wrote earlier and that no template
    renders any more is removed. Other files are left alone.
  - Records which systemd invocation of the service was running when a file was written. If a run is interrupted, the
    next run therefore still reports the pending restart.
  - Keeps the files of a running service as they were before the change, in C(/var/lib/zoohouse), readable by root
    only. M(zoohouse.cluster.zookeeper_restart), M(zoohouse.cluster.clickhouse_restart) and
    M(zoohouse.cluster.clickhouse_reload) put them back when the service is not healthy with the new ones.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.attributes
options:
  name:
    description: Name of the set of files. The record in C(/var/lib/zoohouse) has this name.
    type: str
    required: true
  trees:
    description:
      - Directories to render. Files whose names end in C(.j2) are templates; all others are ignored.
      - Handled by the action plugin. It creates no directories on the host; see O(directories).
    type: list
    elements: dict
    suboptions:
      src: {description: Directory below the role's C(templates)., type: str, required: true}
      dest: {description: Directory on the host., type: path, required: true}
      plain_files:
        description:
          - Shell pattern. The files of O(trees[].src) whose names match it are sent as they are, instead of the
            templates of the directory. Those of its subdirectories are not.
        type: str
        default: ""
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
      parents:
        description: Create the directories above it. If false, a missing one is an error before anything is changed.
        type: bool
        default: true
      owner: {description: Owner., type: str, default: root}
      group: {description: Group., type: str, default: root}
      mode: {description: Mode., type: str, default: "0755"}
  xml_roots:
    description:
      - Names that the root element of files may have whose names end in C(.xml). When one of them, or a file of
        somebody else in the same directories, has another root element or is not well-formed, no file is written.
        Without names nothing looks into them.
    type: list
    elements: str
    default: []
  validate_directory:
    description:
      - Directory that O(validate_commands) validate as it would be after the change, in a copy, before a file is
        written. Nothing is validated while it does not exist.
    type: path
  validate_commands:
    description:
      - Commands as lists of words, in which C(%s) is the directory to validate. A command that fails there, and not in
        the directory as it is, ends the module without a change; one that fails in both is a warning.
      - A program that the host does not have is skipped.
    type: list
    elements: list
    default: []
  validate_loads:
    description:
      - Commands like O(validate_commands), run after them, which need a file of their own, such as a configuration that
        names one of the files to validate.
    type: list
    elements: dict
    default: []
    suboptions:
      command:
        description:
          - Words, in which C(%s) is the directory to validate and C(%f) a file with the O(validate_loads[].content).
        type: list
        elements: str
        required: true
      content:
        description: Content of an XML file, in which C(%s) is the directory to validate.
        type: str
        default: ""
      errors:
        description:
          - Regular expression. Only a line of the errors that it matches is a problem; empty takes the first one.
        type: str
        default: ""
      lead:
        description: What comes before that line.
        type: str
        default: ""
  service:
    description:
      - The systemd unit that reads the files. systemd is reloaded when a file below C(/etc/systemd) changes.
    type: str
  restart_paths:
    description: Shell patterns of the files that the service reads only when it starts.
    type: list
    elements: str
    default: []
  reload_paths:
    description:
      - Shell patterns of the files, other than O(restart_paths), that a running service takes over by itself, and for
        which another task finds out whether it has, such as M(zoohouse.cluster.clickhouse_reload).
    type: list
    elements: str
    default: []
  reload_elements:
    description:
      - Elements of XML files of O(restart_paths) that a running service takes over by itself. It needs no restart when
        only these change.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: Shell pattern of the files., type: str, required: true}
      elements:
        description: Shell patterns of paths below the root element, such as C(macros/*).
        type: list
        elements: str
        default: []
  secret_paths:
    description: Shell patterns of the files whose content is never shown in a diff.
    type: list
    elements: str
    default: []
  secret_keys:
    description:
      - Regular expressions. In C(key=value) lines of files whose key matches, a diff masks the value, before and after.
    type: list
    elements: str
    default: []
  blocks:
    description:
      - Parts of files that others write too, each between the lines C(# BEGIN marker) and C(# END marker).
      - A block that is not there yet is added at the end; the rest of the file, its owner and its mode stay.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: Absolute path., type: path, required: true}
      marker: {description: What the marker lines contain., type: str, required: true}
      block: {description: The lines between the markers., type: str, required: true}
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
  diff_mode:
    support: full
    details:
      - Shows each file before and after, except for O(secret_paths) and the values of O(secret_keys).
"""

EXAMPLES = r"""
- name: Configure
  zoohouse.cluster.config_tree:
    name: zookeeper
    service: zookeeper.service
    trees:
      - {src: config, dest: /etc/zookeeper/zoohouse}
    restart_paths: ["/etc/zookeeper/zoohouse/*"]
  register: config

- name: Restart
  ansible.builtin.systemd_service:
    name: zookeeper.service
    state: restarted
  when: config.restart_needed
"""

RETURN = r"""
changed:
  description:
    - Whether a file or directory was changed, or nobody has seen yet that the service has read an earlier change.
  returned: always
  type: bool
  sample: true
changed_paths:
  description: Files and directories that were written or removed (in check mode, would be).
  returned: always
  type: list
  elements: str
  sample: [/etc/zookeeper/zoohouse/zoo.cfg]
restart_needed:
  description: Whether one of O(restart_paths) was written after the running service was started.
  returned: always
  type: bool
  sample: false
reload_needed:
  description:
    - Whether no restart is needed, and one of O(reload_paths) was written after the running service was started, and
      nobody has seen yet that it was taken over.
  returned: always
  type: bool
  sample: false
running:
  description: Whether the service was running or starting.
  returned: always
  type: bool
  sample: true
enabled:
  description: Whether systemd starts the service when the host starts.
  returned: always
  type: bool
  sample: true
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.config_options import config_tree_options
from ansible_collections.zoohouse.cluster.plugins.module_utils.config_tree import ConfigTree


def main() -> None:
    module = AnsibleModule(argument_spec=config_tree_options(), supports_check_mode=True)
    if module.params["trees"]:
        module.fail_json(msg="trees: the action plugin zoohouse.cluster.config_tree must render them")
    # Until a new file has its owner and mode, only root can read it.
    os.umask(0o077)
    ConfigTree(module).run()


if __name__ == "__main__":
    main()
