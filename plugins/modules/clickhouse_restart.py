#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: restart one replica when its shard can spare it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_restart
short_description: Restart one replica when its shard can spare it
version_added: 0.1.0
description:
  - Waits until the ensemble has its quorum and the other replicas of the shard serve, restarts the server, and waits
    until it is healthy again.
  - A lock in the ensemble makes sure that no other run restarts another host in between, or only as many as
    O(parallel_shards) allows. Right before the stop, the module looks whether it still has the lock. The lock ends
    with the module, also when it is killed.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.clickhouse
  - zoohouse.cluster.zookeeper
  - zoohouse.cluster.restart
options:
  service:
    description:
      - The systemd unit on the host that runs the module.
    type: str
    default: clickhouse-server.service
  connect_timeout:
    description:
      - Seconds to wait for the answer to one query, or for the answer of one member.
    type: float
    default: 10.0
  name:
    description:
      - Name of the replica in findings.
    type: str
    required: true
  peers:
    description:
      - The other replicas of the shard.
    type: list
    elements: dict
    default: []
    suboptions:
      host: {description: Host name or address., type: str, required: true}
      port: {description: TCP port of the HTTP interface., type: int, default: 8123}
      name: {description: Name of the replica in findings; its host by default., type: str}
  ddl_path:
    description: Path of the queue of ON CLUSTER statements, relative to the chroot. Empty skips this check.
    type: str
    default: ""
  parallel_shards:
    description:
      - How many shards may have a replica that restarts at the same time, of all runs on the ensemble; never two
        replicas of one O(shard). V(1) takes the whole lock.
    type: int
    default: 1
  shard:
    description:
      - Name of the shard, with O(parallel_shards); unique in the ensemble, such as C(main/01).
    type: str
    default: ""
  drain_timeout:
    description:
      - Seconds to wait for open queries, after the agent of the role discovery has taken the replica out of its
        balancers. Queries that are open then end with the restart. After the restart the replica is returned, and the
        module waits until it takes queries again.
      - V(0) does not take it out. Without an agent nothing waits.
    type: float
    default: 0.0
  agent:
    description:
      - The command of the agent. Another program that knows its arguments takes the replica out of another balancer.
    type: path
    default: /usr/local/sbin/zoohouse-agent
"""

EXAMPLES = r"""
- name: Restart the replica
  zoohouse.cluster.clickhouse_restart:
    hosts: [zk1, zk2, zk3]
    login_user: admin
    login_password: "{{ clickhouse_admin_password }}"
    name: ch1
    peers:
      - {host: ch2}
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

from contextlib import AbstractContextManager

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.balanced import AGENT, out_of_balancers
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.checks import check_replica
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.options import (
    SERVER_OPTIONS,
    clickhouse_options,
    server_from,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.status import read_replicas
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import Finding
from ansible_collections.zoohouse.cluster.plugins.module_utils.restart import restart, restart_options, would_restart
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.closed_words import read_quorum
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.lock import LockError, Slot, held_lock
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import (
    client_endpoints,
    endpoints,
    zookeeper_options,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.transport import Transport
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.znode import KAZOO_ERROR


def argument_spec() -> dict:
    return {
        **zookeeper_options(),
        **clickhouse_options(
            **restart_options(
                "clickhouse-server.service",
                name={"type": "str", "required": True},
                peers={"type": "list", "elements": "dict", "default": [], "options": SERVER_OPTIONS},
                ddl_path={"type": "str", "default": ""},
                parallel_shards={"type": "int", "default": 1},
                shard={"type": "str", "default": ""},
                drain_timeout={"type": "float", "default": 0.0},
                agent={"type": "path", "default": AGENT},
            )
        ),
    }


def main() -> None:
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    params = module.params
    if KAZOO_ERROR:
        module.fail_json(msg=missing_required_lib("kazoo"), exception=KAZOO_ERROR)
    if module.check_mode:
        module.exit_json(changed=would_restart(module))
    try:
        hosts, clients = endpoints(params["hosts"]), client_endpoints(params)
    except ValueError as error:
        module.fail_json(msg=f"hosts: {error}")
    peers = [(server_from(params, peer["host"], peer["port"]), peer["name"] or "") for peer in params["peers"]]
    parallel = params["parallel_shards"]
    if parallel < 1 or (parallel > 1 and not params["shard"]):
        module.fail_json(msg=f"parallel_shards: found {parallel}, expected 1, or more and the name of the shard")
    slot = Slot(params["shard"], parallel) if parallel > 1 else None
    own = [(server_from(params), params["name"])]

    def before() -> list[Finding]:
        transport = Transport(previous_port=params["previous_port"])
        quorum = read_quorum(hosts, params["connect_timeout"], transport)
        statuses = read_replicas(peers)
        return [quorum, *(finding for status in statuses for finding in check_replica(status, peers=False))]

    def after() -> list[Finding]:
        return [finding for status in read_replicas(own, params["ddl_path"]) for finding in check_replica(status)]

    def aside() -> AbstractContextManager:
        return out_of_balancers(module, params["agent"], params["drain_timeout"])

    try:
        lock = held_lock(clients, params["holder"], params["timeout"], slot=slot)
        module.exit_json(changed=restart(module, lock, before, after, aside))
    except LockError as error:
        module.fail_json(msg=f"{params['service']} was not restarted. {error}")


if __name__ == "__main__":
    main()
