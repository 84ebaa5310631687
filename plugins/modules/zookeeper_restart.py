#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: restart one member when the ensemble can spare it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zookeeper_restart
short_description: Restart one member when the ensemble can spare it
version_added: 0.1.0
description:
  - Waits until the ensemble keeps its quorum without the member, restarts it, and waits until it serves again.
  - A lock in the ensemble makes sure that no other run restarts another host in between. The lock ends with the module,
    also when it is killed. A member that is not serving is restarted without the lock, because the ensemble may have no
    quorum.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.zookeeper
  - zoohouse.cluster.restart
options:
  service:
    description:
      - The systemd unit on the host that runs the module.
    type: str
    default: zookeeper.service
  member:
    description:
      - The member on this host, as in O(hosts) without the port.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Restart the member
  zoohouse.cluster.zookeeper_restart:
    hosts: [zk1, zk2, zk3]
    member: zk2
"""

RETURN = r"""
changed:
  description: Whether the service was restarted (in check mode, would be).
  returned: always
  type: bool
  sample: true
findings:
  description: The result of every check, when one of them failed.
  returned: failure
  type: list
  elements: dict
  contains:
    check: {description: Name of the check., type: str, sample: safe_to_stop}
    severity: {description: 'C(ok), C(warning) or C(critical).', type: str, sample: critical}
    subject: {description: 'The member, the replica or the ensemble.', type: str, sample: zk2}
    found: {description: What was found., type: str, sample: 1 members in sync without it}
    expected: {description: What was expected., type: str, sample: at least 2}
    hint: {description: What to do., type: str, sample: Bring the other members back first.}
"""

from contextlib import AbstractContextManager, nullcontext

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import Finding
from ansible_collections.zoohouse.cluster.plugins.module_utils.restart import restart, restart_options, would_restart
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper import checks
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.lock import LockError, held_lock
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import (
    client_endpoints,
    endpoints,
    zookeeper_options,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.status import MemberStatus, read_ensemble
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.transport import Transport
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.znode import KAZOO_ERROR


def main() -> None:
    module = AnsibleModule(
        argument_spec=zookeeper_options(
            **restart_options("zookeeper.service", member={"type": "str", "required": True}),
        ),
        supports_check_mode=True,
    )
    params = module.params
    member = params["member"]
    if KAZOO_ERROR:
        module.fail_json(msg=missing_required_lib("kazoo"), exception=KAZOO_ERROR)
    if module.check_mode:
        module.exit_json(changed=would_restart(module))
    try:
        hosts, clients = endpoints(params["hosts"]), client_endpoints(params)
    except ValueError as error:
        module.fail_json(msg=f"hosts: {error}")

    def read() -> list[MemberStatus]:
        transport = Transport(previous_port=params["previous_port"])
        return read_ensemble(hosts, params["connect_timeout"], transport=transport)

    def before() -> list[Finding]:
        return checks.check_safe_to_stop(read(), member)

    def after() -> list[Finding]:
        return checks.check_member(read(), member)

    lock: AbstractContextManager = nullcontext()
    if not checks.is_down(read(), member):
        # The session must outlive the restart.
        others = [endpoint for endpoint in clients if endpoint[0] != member] or clients
        lock = held_lock(others, params["holder"], params["timeout"])
    try:
        module.exit_json(changed=restart(module, lock, before, after))
    except LockError as error:
        module.fail_json(msg=f"{params['service']} was not restarted. {error}")


if __name__ == "__main__":
    main()
