#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: a running server takes over its changed files, or gets back those of before."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_reload
short_description: Make a running server take over its changed files, or put the old ones back
version_added: 0.1.0
description:
  - Reloads the configuration of a server whose files M(zoohouse.cluster.config_tree) has changed, and reads the new
    values back from its system tables, as far as its version shows them.
  - When the server rejects the files, does not answer with them, or still shows another value after O(timeout), the
    files before the change are put back, and the module fails with what was found.
  - Does nothing while a restart is pending, because M(zoohouse.cluster.clickhouse_restart) reads the files then, and
    when a run before has seen already that the files were taken over.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.clickhouse
  - zoohouse.cluster.attributes
options:
  name:
    description: Name of the replica in findings.
    type: str
    required: true
  config:
    description: Name of the set of files, as in M(zoohouse.cluster.config_tree).
    type: str
    default: clickhouse
  config_dir:
    description: Directory of C(config.xml).
    type: path
    default: /etc/clickhouse-server
  service:
    description: The systemd unit of the server.
    type: str
    default: clickhouse-server.service
  timeout:
    description: Seconds to wait for the new values.
    type: float
    default: 60.0
attributes:
  check_mode:
    support: partial
    details:
      - Reloads nothing and puts nothing back.
  diff_mode:
    description: The files are those of the diff of the change.
    support: none
"""

EXAMPLES = r"""
- name: Reload the configuration
  zoohouse.cluster.clickhouse_reload:
    login_user: admin
    login_password: "{{ clickhouse_admin_password }}"
    name: ch1
"""

RETURN = r"""
fragments:
  description: Fragments that the server has taken over.
  returned: success
  type: list
  elements: str
  sample: [config.d/limits.xml]
findings:
  description: What was not as expected.
  returned: failure
  type: list
  elements: dict
  contains:
    check: {description: Name of the check., type: str, sample: reload}
    severity: {description: 'C(ok), C(warning) or C(critical).', type: str, sample: critical}
    subject: {description: The replica., type: str, sample: ch1}
    found:
      description: What was found.
      type: str
      sample: "config.d/limits.xml: the server setting max_concurrent_queries is 100"
    expected: {description: What was expected., type: str, sample: "200"}
    hint: {description: What to do., type: str, sample: Correct the variable that sets it.}
put_back:
  description: Files that were put back.
  returned: failure
  type: list
  elements: str
  sample: [/etc/clickhouse-server/config.d/limits.xml]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.options import clickhouse_options, server_from
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.reload import Reload
from ansible_collections.zoohouse.cluster.plugins.module_utils.config_record import unconfirmed_files


def argument_spec() -> dict:
    return clickhouse_options(
        name={"type": "str", "required": True},
        config={"type": "str", "default": "clickhouse"},
        config_dir={"type": "path", "default": "/etc/clickhouse-server"},
        service={"type": "str", "default": "clickhouse-server.service"},
        timeout={"type": "float", "default": 60.0},
    )


def main() -> None:
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    pending = unconfirmed_files(module, module.params["config"], module.params["service"])
    if module.check_mode or not pending:
        module.exit_json(changed=pending, fragments=[])
    server = server_from(module.params)
    fragments = Reload(module, server, lambda: _reload(server)).run()
    module.exit_json(changed=True, fragments=fragments)


def _reload(server) -> None:
    server.execute("SYSTEM RELOAD CONFIG")


if __name__ == "__main__":
    main()
