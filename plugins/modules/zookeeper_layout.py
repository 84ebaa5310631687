#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: checks a subtree of ZooKeeper against a declared layout."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zookeeper_layout
short_description: Check a subtree of ZooKeeper against a declared layout
version_added: 0.1.0
description:
  - Reads all znodes from O(path) down that the rules concern, and reports those that break a rule as findings with
    their path, what was found and what was expected.
  - Checks again until nothing critical is found or O(timeout) is over. Then it fails with the findings. It changes
    nothing.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.zookeeper
  - zoohouse.cluster.zookeeper_admin_server
  - zoohouse.cluster.subtree
  - zoohouse.cluster.health_check
  - zoohouse.cluster.attributes
  - zoohouse.cluster.attributes.info_module
options:
  layout:
    description:
      - One rule for each kind of znode. A parent that no rule names may exist.
      - Where a name and a placeholder match the same path, the name counts.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description:
          - Absolute path. A C({name}) stands for any part of one name, see O(placeholders). Within a path it always has
            the same value.
        type: str
        required: true
      state:
        description:
          - V(required) means that it exists below every parent that exists; with a placeholder, at least one does.
          - V(forbidden) means that it does not exist.
        type: str
        choices: [required, optional, forbidden]
        default: optional
      ephemeral:
        description: Whether it is ephemeral.
        type: bool
      session_alive:
        description:
          - Whether the session that owns it must be alive, if it is ephemeral. The members keep no ephemeral znode of a
            session that has ended, unless the data of one of them is wrong.
          - The leader lists all sessions in answer to the four-letter word C(dump), or through the AdminServer with
            O(admin_port). It is asked once or twice, and only if there is such a znode. Without its list, one warning
            says so.
        type: bool
        default: false
      acl:
        description: Its ACL, in any order.
        type: list
        elements: str
      data:
        description: Its data. A C({name}) of the path is replaced with its value.
        type: str
      data_pattern:
        description:
          - Regular expression that its whole data matches. A C({name}) of the path is replaced with its value.
        type: str
      data_json:
        description: Whether its data must be JSON.
        type: bool
        default: false
      min_children:
        description: Smallest number of children.
        type: int
      max_children:
        description: Largest number of children.
        type: int
      max_bytes:
        description: Largest size of its data in bytes.
        type: int
      min_age:
        description: Smallest number of seconds since its data changed, by the clock of the host that runs the module.
        type: float
      max_age:
        description: Largest number of seconds since its data changed, by the clock of the host that runs the module.
        type: float
      open:
        description: Whether anything may be below it. Nothing below it is read.
        type: bool
        default: false
      severity:
        description: Severity of its findings. Only critical ones fail the module.
        type: str
        choices: [warning, critical]
        default: critical
      hint:
        description: What to do about its findings.
        type: str
        default: ""
  placeholders:
    description: Regular expression that the values of a placeholder match, by name. Without one they match anything.
    type: dict
    default: {}
  strict:
    description:
      - Whether a znode that no rule names is a finding; only the topmost one is. Otherwise such znodes are not read.
    type: bool
    default: false
  max_findings:
    description: Return so many violations at most as findings; RV(violations) counts all of them.
    type: int
    default: 100
"""

EXAMPLES = r"""
- name: Check the replicas of all tables
  zoohouse.cluster.zookeeper_layout:
    hosts: [zk1, zk2, zk3]
    path: /clickhouse/tables
    layout:
      - path: /clickhouse/tables/{shard}/{table}/replicas/{replica}/is_active
        state: required
        ephemeral: true
        session_alive: true
        hint: The replica is down, or has lost its session.
      - path: /clickhouse/tables/{shard}/{table}/replicas/{replica}/queue
        max_children: 1000
        severity: warning
    placeholders:
      shard: "[0-9]{2}"
"""

RETURN = r"""
healthy:
  description: Whether nothing critical was found.
  returned: always
  type: bool
  sample: true
znodes:
  description: Number of znodes that were read.
  returned: always
  type: int
  sample: 120
violations:
  description: Number of violations, also of those that RV(findings) leaves out.
  returned: always
  type: int
  sample: 0
findings:
  description: The violations, and one finding about the subtree.
  returned: always
  type: list
  elements: dict
  contains:
    check:
      description:
        - C(missing), C(unexpected), C(forbidden), C(kind), C(session_alive), C(acl), C(data), C(children), C(bytes) or
          C(age); C(layout) for the subtree as a whole, C(session) if it could not be read.
      type: str
      sample: missing
    severity: {description: 'C(ok), C(warning) or C(critical).', type: str, sample: critical}
    subject: {description: The path., type: str, sample: /clickhouse/tables/01/hits/replicas/ch1/is_active}
    found: {description: What was found., type: str, sample: no such znode}
    expected: {description: What was expected., type: str, sample: a znode}
    hint: {description: What to do., type: str, sample: 'The replica is down, or has lost its session.'}
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.zoohouse.cluster.plugins.module_utils.health_check import (
    exit_with_findings,
    health_check_options,
    wait_until_healthy,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.layout import Layout
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.layout_check import LayoutCheck
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import (
    client_endpoints,
    zookeeper_options,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.rule import RULE_OPTIONS, rule_from
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.transport import (
    admin_server_options,
    transport_of,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.znode import KAZOO_ERROR


def main() -> None:
    module = AnsibleModule(
        argument_spec=zookeeper_options(
            **health_check_options(
                path={"type": "str", "required": True},
                layout={"type": "list", "elements": "dict", "required": True, "options": RULE_OPTIONS},
                placeholders={"type": "dict", "default": {}},
                strict={"type": "bool", "default": False},
                max_findings={"type": "int", "default": 100},
                followers_only={"type": "bool", "default": False},
            ),
            **admin_server_options(),
        ),
        supports_check_mode=True,
    )
    params = module.params
    if KAZOO_ERROR:
        module.fail_json(msg=missing_required_lib("kazoo"), exception=KAZOO_ERROR)
    option = ""
    try:
        transport = transport_of(params)
        option = "layout: "
        rules = [rule_from(options) for options in params["layout"]]
        layout = Layout(params["path"], rules, params["placeholders"], params["strict"])
        option = "hosts: "
        check = LayoutCheck(params, client_endpoints(params), layout, transport)
    except ValueError as error:
        module.fail_json(msg=f"{option}{error}")
    findings = wait_until_healthy(check, params["timeout"])
    summary = f"{layout.root} breaks its layout"
    exit_with_findings(module, findings, summary, znodes=check.znodes, violations=check.violations)


if __name__ == "__main__":
    main()
