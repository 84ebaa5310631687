#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: the status of an ensemble."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zookeeper_info
short_description: Read the status of a ZooKeeper ensemble
version_added: 0.1.0
description:
  - Asks all members at the same time through the four-letter words C(srvr), C(mntr) and C(conf), plain or over TLS.
  - With O(admin_port), what the words do not say comes from the AdminServer.
  - Never fails because a member is unhealthy or down; the result reports it.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.zookeeper
  - zoohouse.cluster.zookeeper_transport
  - zoohouse.cluster.zookeeper_admin_server
  - zoohouse.cluster.attributes
  - zoohouse.cluster.attributes.info_module
notes:
  - The C(4lw.commands.whitelist) of the members must list these words, as the role C(zoohouse.cluster.zookeeper) does,
    or O(admin_port) must be set.
"""

EXAMPLES = r"""
- name: Read the ensemble
  zoohouse.cluster.zookeeper_info:
    hosts: [zk1, zk2, zk3]
  register: ensemble

- name: Read an ensemble that answers no four-letter words
  zoohouse.cluster.zookeeper_info:
    hosts: [zk1, zk2, zk3]
    admin_port: 8080

- name: Show the leader
  ansible.builtin.debug:
    msg: "{{ ensemble.leader }}"
"""

RETURN = r"""
members:
  description: One entry for each of O(hosts), in the same order.
  returned: always
  type: list
  elements: dict
  contains:
    host: {description: Host name or address., type: str, sample: zk1}
    port: {description: Client port., type: int, sample: 2181}
    reachable: {description: Whether it answered., type: bool, sample: true}
    serving: {description: Whether it serves clients., type: bool, sample: true}
    mode: {description: 'C(leader), C(follower), C(observer), C(standalone), or empty.', type: str, sample: follower}
    version: {description: Version number., type: str, sample: 3.8.0}
    zxid: {description: Id of its last transaction., type: int, sample: 4294967299}
    server_id: {description: Id of the member., type: int, sample: 2}
    source:
      description: Who answered, C(words) or C(admin_server); empty without an answer.
      type: str
      sample: words
    metrics: {description: 'Values of C(mntr), as text.', type: dict, sample: {zk_outstanding_requests: "0"}}
    error: {description: Why there was no answer., type: str, sample: ""}
leader:
  description: The leader; null when there is none or more than one.
  returned: always
  type: str
  sample: zk2
restart_order:
  description: The members in the order of a rolling restart, the leader last.
  returned: always
  type: list
  elements: str
  sample: [zk1, zk3, zk2]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import endpoints, zookeeper_options
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.roles import leader_of, restart_order
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.status import read_ensemble
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.transport import (
    PLAIN,
    transport_of,
    transport_options,
)


def main() -> None:
    module = AnsibleModule(argument_spec=zookeeper_options(**transport_options()), supports_check_mode=True)
    option, hosts, transport = "hosts: ", [], PLAIN
    try:
        hosts = endpoints(module.params["hosts"])
        option = ""
        transport = transport_of(module.params)
    except ValueError as error:
        module.fail_json(msg=f"{option}{error}")
    statuses = read_ensemble(hosts, module.params["connect_timeout"], transport=transport)
    module.exit_json(
        changed=False,
        members=[status.as_dict() for status in statuses],
        leader=leader_of(statuses),
        restart_order=restart_order(statuses),
    )


if __name__ == "__main__":
    main()
