#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: the health check of replicas."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_health
short_description: Wait until ClickHouse replicas are healthy, or report what is wrong
version_added: 0.1.0
description:
  - Checks whether a server answers, has a session with ZooKeeper and has opened its queue of ON CLUSTER statements, and
    whether each replicated table is writable, in sync and active on all its replicas. All servers are asked at the same
    time.
  - Checks again until nothing critical is found or O(timeout) is over. Then it fails with the findings.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.clickhouse
  - zoohouse.cluster.health_check
  - zoohouse.cluster.attributes
  - zoohouse.cluster.attributes.info_module
options:
  state:
    description:
      - V(healthy) means that every replica answers, has a session, is writable and in sync, and that all replicas of
        its tables are active.
      - V(serving) does not check whether the other replicas are active.
    type: str
    choices: [healthy, serving]
    default: healthy
  servers:
    description:
      - Servers to check instead of O(login_host).
    type: list
    elements: dict
    suboptions:
      host: {description: Host name or address., type: str, required: true}
      port: {description: TCP port of the HTTP interface., type: int, default: 8123}
      name: {description: Name of the replica in findings; its host by default., type: str}
  ddl_path:
    description: Path of the queue of ON CLUSTER statements, relative to the chroot. Empty skips this check.
    type: str
    default: ""
  config_dir:
    description:
      - Directory of C(config.xml) on the host that runs the module. With it, the queues of the Distributed tables of
        this server are checked, too.
    type: path
  max_delay:
    description:
      - Largest healthy replication delay of a table, in seconds.
      - Source of the default is Altinity's alert rules.
    type: float
    default: 300.0
"""

EXAMPLES = r"""
- name: Wait until this replica is healthy
  zoohouse.cluster.clickhouse_health:
    login_user: admin
    login_password: "{{ clickhouse_admin_password }}"
    ddl_path: /task_queue/ddl
    timeout: 120
"""

RETURN = r"""
healthy:
  description: Whether nothing critical was found.
  returned: always
  type: bool
  sample: true
findings:
  description: The result of every check.
  returned: always
  type: list
  elements: dict
  contains:
    check: {description: Name of the check., type: str, sample: writable}
    severity: {description: 'C(ok), C(warning) or C(critical).', type: str, sample: critical}
    subject: {description: The replica and its table., type: str, sample: ch1 demo.hits}
    found: {description: What was found., type: str, sample: readonly}
    expected: {description: What was expected., type: str, sample: writable}
    hint: {description: What to do., type: str, sample: Restart the server.}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.checks import (
    MAX_DELAY,
    check_queue,
    check_replica,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.deployed import read_all_queues
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.options import (
    SERVER_OPTIONS,
    clickhouse_options,
    server_from,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.status import read_replicas
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import Finding
from ansible_collections.zoohouse.cluster.plugins.module_utils.health_check import (
    exit_with_findings,
    health_check_options,
    wait_until_healthy,
)


def argument_spec() -> dict:
    return clickhouse_options(
        **health_check_options(
            state={"type": "str", "choices": ["healthy", "serving"], "default": "healthy"},
            servers={"type": "list", "elements": "dict", "options": SERVER_OPTIONS},
            ddl_path={"type": "str", "default": ""},
            config_dir={"type": "path"},
            max_delay={"type": "float", "default": float(MAX_DELAY)},
        )
    )


def main() -> None:
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    params = module.params
    servers = params["servers"]
    if servers is None:
        servers = [{"host": params["login_host"], "port": params["login_port"], "name": None}]

    connections = [(server_from(params, server["host"], server["port"]), server["name"] or "") for server in servers]
    peers = params["state"] == "healthy"

    def check_queues() -> list[Finding]:
        queues = read_all_queues(params["config_dir"]) if params["config_dir"] else []
        return [check_queue(servers[0]["name"] or servers[0]["host"], queue) for queue in queues]

    def check_all() -> list[Finding]:
        statuses = read_replicas(connections, params["ddl_path"])
        findings = [finding for status in statuses for finding in check_replica(status, params["max_delay"], peers)]
        return findings + check_queues()

    exit_with_findings(module, wait_until_healthy(check_all, params["timeout"]), "ClickHouse is not healthy")


if __name__ == "__main__":
    main()
