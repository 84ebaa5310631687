#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: compares the inventory, the servers of a cluster and ZooKeeper."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_layout
short_description: Compare the inventory, the servers of a ClickHouse cluster and ZooKeeper
version_added: 0.1.0
description:
  - Compares who should exist (the inventory), what the servers know (their tables, macros and clusters) and what is in
    ZooKeeper, and reports every difference and every sign of trouble as a finding with the command that fixes it.
  - Reads ZooKeeper with one walk below O(path). All servers are asked at the same time. It changes nothing.
  - A server that does not answer, or an ensemble that cannot be read, is a finding; the rest is checked.
  - Checks again until nothing critical is found or O(timeout) is over. Then it fails with the findings.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.clickhouse
  - zoohouse.cluster.zookeeper
  - zoohouse.cluster.subtree
  - zoohouse.cluster.health_check
  - zoohouse.cluster.limits
  - zoohouse.cluster.attributes
  - zoohouse.cluster.attributes.info_module
options:
  cluster:
    description: Name of the cluster in C(remote_servers), and value of the macro C(cluster).
    type: str
    required: true
  replicas:
    description: The replicas that should exist. Their servers are asked, not O(login_host).
    type: list
    elements: dict
    required: true
    suboptions:
      name: {description: Name of the replica's host in the inventory., type: str, required: true}
      host: {description: Host name or address under which the cluster knows it., type: str, required: true}
      port: {description: TCP port of the HTTP interface., type: int, default: 8123}
      shard: {description: Value of the macro C(shard)., type: str, required: true}
      replica: {description: Value of the macro C(replica)., type: str, required: true}
      down: {description: 'Whether it is known not to answer, and is not asked.', type: bool, default: false}
      aliases:
        description: Other names and addresses of the host.
        type: list
        elements: str
        default: []
  connect_timeout:
    description:
      - Seconds to wait for the answer to one query, or for the answer of one member.
    type: float
    default: 10.0
  ddl_path:
    description: Queue of ON CLUSTER statements, relative to O(path).
    type: str
    default: /task_queue/ddl
  ddl_replicas_path:
    description: Where servers register for the queue, relative to O(path). 18.16 has none.
    type: str
    default: ""
  functions_path:
    description: C(user_defined_zookeeper_path), relative to O(path). Empty skips the check.
    type: str
    default: ""
  collections_path:
    description:
      - Path of C(named_collections_storage), relative to O(path). Empty skips the check.
      - O(login_user) needs the right C(SHOW NAMED COLLECTIONS); without it, the server shows none.
    type: str
    default: ""
  access_path:
    description:
      - C(zookeeper_path) of the replicated user directory, relative to O(path). Empty skips the check.
      - O(login_user) needs the right C(SHOW ACCESS).
    type: str
    default: ""
  discovery_path:
    description: Path of the cluster discovery, relative to O(path). Empty skips the check.
    type: str
    default: ""
  registry_path:
    description:
      - Path of the cluster in the registry of the role discovery, such as C(/zoohouse/main). Not relative to O(path).
        Empty skips the check.
    type: str
    default: ""
  max_findings:
    description: Return so many findings at most of each check, and one that counts the others.
    type: int
    default: 20
"""

EXAMPLES = r"""
- name: Compare the inventory, the servers and ZooKeeper
  zoohouse.cluster.clickhouse_layout:
    hosts: [zk1, zk2, zk3]
    path: /clickhouse/main
    cluster: main
    login_user: admin
    login_password: "{{ clickhouse_admin_password }}"
    replicas:
      - {name: ch1, host: ch1, shard: "01", replica: ch1}
      - {name: ch2, host: ch2, shard: "01", replica: ch2}
    timeout: 0
    report_only: true
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
orphans:
  description: What ZooKeeper has and nobody else, ready for removal; also those that RV(findings) only counts.
  returned: always
  type: list
  elements: dict
  contains:
    kind: {description: 'C(table), C(replica) or C(database_replica).', type: str, sample: replica}
    path: {description: 'Path of the table, relative to O(path).', type: str, sample: /tables/01/hits}
    replica: {description: Name of the replica; empty for a whole table., type: str, sample: ch9}
    hosts: {description: Hosts that registered it., type: list, elements: str, sample: [ch9]}
    command: {description: What removes it., type: str, sample: "SYSTEM DROP REPLICA 'ch9' FROM ZKPATH '/t'"}
findings:
  description: The result of every check.
  returned: always
  type: list
  elements: dict
  contains:
    check: {description: Name of the check., type: str, sample: orphan_replica}
    severity: {description: 'C(ok), C(warning) or C(critical).', type: str, sample: critical}
    subject: {description: The replica or the path., type: str, sample: /tables/01/hits/replicas/ch9}
    found: {description: What was found., type: str, sample: 'a replica on ch9, which is not in the inventory'}
    expected: {description: What was expected., type: str, sample: a replica of the inventory}
    hint: {description: What to do., type: str, sample: "SYSTEM DROP REPLICA 'ch9' FROM ZKPATH '/t'"}
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.compare import Comparison
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.options import layout_options
from ansible_collections.zoohouse.cluster.plugins.module_utils.health_check import (
    exit_with_findings,
    wait_until_healthy,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import client_endpoints
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.znode import KAZOO_ERROR


def main() -> None:
    module = AnsibleModule(argument_spec=layout_options(), supports_check_mode=True)
    if KAZOO_ERROR:
        module.fail_json(msg=missing_required_lib("kazoo"), exception=KAZOO_ERROR)
    try:
        compare = Comparison(module.params, client_endpoints(module.params))
    except ValueError as error:
        module.fail_json(msg=str(error))
    findings = wait_until_healthy(compare, module.params["timeout"])
    summary = "The inventory, the servers and ZooKeeper do not agree"
    exit_with_findings(module, findings, summary, orphans=compare.orphans, znodes=compare.znodes)


if __name__ == "__main__":
    main()
