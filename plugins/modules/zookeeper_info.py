#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: what the members of an ensemble say of themselves."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zookeeper_info
short_description: Read the state of a ZooKeeper ensemble
version_added: 0.1.0
description:
  - Asks all members at the same time through the four-letter words C(srvr), C(mntr) and C(conf).
  - It never fails because a member is sick or away; the answer says so.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.zookeeper
attributes:
  check_mode:
    support: full
    description: It changes nothing.
notes:
  - The three words must be on the members' C(4lw.commands.whitelist); the role C(zoohouse.cluster.zookeeper) puts them
    there.
"""

EXAMPLES = r"""
- name: Read the ensemble
  zoohouse.cluster.zookeeper_info:
    hosts: [zk1, zk2, zk3]
  register: ensemble

- name: Say who leads
  ansible.builtin.debug:
    msg: "{{ ensemble.leader }}"
"""

RETURN = r"""
members:
  description: One entry for each member asked, in the order asked.
  returned: always
  type: list
  elements: dict
  contains:
    host: {description: Name or address asked., type: str, sample: zk1}
    port: {description: Client port asked., type: int, sample: 2181}
    reachable: {description: Whether it answered at all., type: bool, sample: true}
    serving: {description: Whether it serves clients., type: bool, sample: true}
    mode: {description: 'C(leader), C(follower), C(observer), C(standalone), or empty.', type: str, sample: follower}
    version: {description: Version number., type: str, sample: 3.8.0}
    zxid: {description: Last transaction id it has seen., type: int, sample: 4294967299}
    server_id: {description: Its id in the ensemble., type: int, sample: 2}
    metrics: {description: 'The lines of C(mntr), as text.', type: dict, sample: {zk_outstanding_requests: "0"}}
    error: {description: Why there was no answer., type: str, sample: ""}
leader:
  description: The member that leads; null when there is none or more than one.
  returned: always
  type: str
  sample: zk2
stop_order:
  description: The members in the order in which a rolling restart takes them, the leader last.
  returned: always
  type: list
  elements: str
  sample: [zk1, zk3, zk2]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.judge import leader_of, stop_order
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import endpoints, zookeeper_options
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.reading import read_ensemble


def main() -> None:
    module = AnsibleModule(argument_spec=zookeeper_options(), supports_check_mode=True)
    try:
        asked = endpoints(module.params["hosts"])
    except ValueError as error:
        module.fail_json(msg=f"hosts: {error}")
    readings = read_ensemble(asked, module.params["connect_timeout"])
    module.exit_json(
        changed=False,
        members=[reading.as_dict() for reading in readings],
        leader=leader_of(readings),
        stop_order=stop_order(readings),
    )


if __name__ == "__main__":
    main()
