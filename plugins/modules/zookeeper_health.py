#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: the gate in front of everything that depends on an ensemble."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zookeeper_health
short_description: Wait until a ZooKeeper ensemble is well, or say what is wrong
version_added: 0.1.0
description:
  - Asks all members at the same time, judges their answers, and looks again until nothing critical is found or
    O(timeout) is over.
  - Then it fails with findings that name the member, what was found, what was expected and what to do.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.zookeeper
  - zoohouse.cluster.gate
options:
  state:
    description:
      - V(healthy) means that every member serves, exactly one leads and all followers are in step.
      - V(quorum) means that a majority serves; members may be missing.
      - V(serving) means that O(member) serves in an ensemble that has its quorum.
      - V(safe_to_stop) means that the ensemble keeps its quorum when O(member) stops.
    type: str
    choices: [healthy, quorum, serving, safe_to_stop]
    default: healthy
  member:
    description:
      - The member that O(state=serving) and O(state=safe_to_stop) ask about, written as in O(hosts) without the port.
    type: str
attributes:
  check_mode:
    support: full
    description: It changes nothing.
"""

EXAMPLES = r"""
- name: Wait until the ensemble is whole
  zoohouse.cluster.zookeeper_health:
    hosts: [zk1, zk2, zk3]

- name: Refuse to go on when stopping zk2 would lose the quorum
  zoohouse.cluster.zookeeper_health:
    hosts: [zk1, zk2, zk3]
    state: safe_to_stop
    member: zk2
    timeout: 30
"""

RETURN = r"""
healthy:
  description: Whether nothing critical was found.
  returned: always
  type: bool
  sample: true
findings:
  description: Every judged fact, also those that are well.
  returned: always
  type: list
  elements: dict
  contains:
    check: {description: Name of the check., type: str, sample: serving}
    severity: {description: 'C(ok), C(warning) or C(critical).', type: str, sample: critical}
    subject: {description: The member or the ensemble., type: str, sample: zk3}
    found: {description: What there is., type: str, sample: 'no answer: timed out'}
    expected: {description: What there should be., type: str, sample: leader or follower}
    hint: {description: What to do., type: str, sample: Start members until a majority runs.}
leader:
  description: The member that leads; null when there is none or more than one.
  returned: always
  type: str
  sample: zk2
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import Finding
from ansible_collections.zoohouse.cluster.plugins.module_utils.gate import conclude, wait_until_well
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper import judge
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import endpoints, zookeeper_options
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.reading import Reading, read_ensemble


def findings_for(state: str, member: str, readings: list[Reading]) -> list[Finding]:
    if state == "quorum":
        return [judge.judge_quorum(readings)]
    if state == "serving":
        return judge.judge_serving(readings, member)
    if state == "safe_to_stop":
        return judge.judge_safe_to_stop(readings, member)
    return judge.judge(readings)


def main() -> None:
    module = AnsibleModule(
        argument_spec=zookeeper_options(
            state={"type": "str", "choices": ["healthy", "quorum", "serving", "safe_to_stop"], "default": "healthy"},
            member={"type": "str"},
            timeout={"type": "float", "default": 60.0},
            report_only={"type": "bool", "default": False},
        ),
        required_if=[("state", "serving", ["member"]), ("state", "safe_to_stop", ["member"])],
        supports_check_mode=True,
    )
    try:
        asked = endpoints(module.params["hosts"])
    except ValueError as error:
        module.fail_json(msg=f"hosts: {error}")
    readings: list[Reading] = []

    def look() -> list[Finding]:
        readings[:] = read_ensemble(asked, module.params["connect_timeout"])
        return findings_for(module.params["state"], module.params["member"], readings)

    findings = wait_until_well(look, module.params["timeout"])
    conclude(module, findings, "The ZooKeeper ensemble is not well", leader=judge.leader_of(readings))


if __name__ == "__main__":
    main()
