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
  - zoohouse.cluster.limits
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
  shard_replicas:
    description:
      - Number of replicas that the shard of the servers has in the inventory. With it, a table with fewer replicas than
        the limit C(total_replicas) is a warning, unless the shard itself has fewer. V(0) skips this check.
    type: int
    default: 0
  macros:
    description:
      - Macros that the servers must have, such as after a change of their file. They may have others, too.
    type: dict
    default: {}
  clusters:
    description:
      - Clusters that the servers must have, by name. Each is the list of its shards in their order, and a shard is a
        dict whose C(replicas) is a list of dicts with C(host) and C(port).
    type: dict
    default: {}
  included:
    description:
      - Content of elements that the first server includes from ZooKeeper, by path, such as
        C(merge_tree/parts_to_throw_insert). It must be in its configuration in O(preprocessed_dir).
    type: dict
    default: {}
  preprocessed_dir:
    description: Directory in which that server keeps its configuration as it has read it.
    type: path
    default: /var/lib/clickhouse/preprocessed_configs
  details:
    description:
      - Check the figures of each server, too, against O(limits); and return them.
    type: bool
    default: false
  cluster:
    description: With O(details), the cluster in which each server has to recognise itself. Empty skips this check.
    type: str
    default: ""
  config_dir:
    description:
      - Directory of C(config.xml) of the first server, when it is on the host that runs the module. With it, its disk,
        its detached parts and the queues of its Distributed tables are checked, too.
      - If that server does not answer, the finding says why, as far as its unit and its log tell.
    type: path
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
catalog:
  description:
    - Fingerprints of the shared tables, the users and the settings of the first server, to compare it with others; null
      where they are not known.
  returned: with O(details) and O(config_dir)
  type: dict
  sample:
    tables: {demo.hits: {engine: ReplicatedMergeTree, columns: 1f0e3dad9990, definition: 45c48cce2e2d}}
    users: {users/admin: 8f14e45fceea}
    settings: {merge_tree: c9f0f895fb98}
replicas:
  description: The figures of each server; null where they are not known.
  returned: with O(details)
  type: list
  elements: dict
  sample:
    - host: ch1
      version: 18.16.1
      error: null
      uptime_s: 3600
      tables: 12
      readonly_tables: 0
      max_delay_s: 0
      queue_size: 0
      queries_running: 1
      connections_http: 1
      connections_tcp: 0
      selects_total: 1000
      inserts_total: 200
      zookeeper_sessions: 1
      zookeeper_requests_running: 0
      zookeeper_avg_latency_ms: 1.2
      disk_free_bytes: 1000000000
      disk_total_bytes: 4000000000
      distributed_files: 0
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.health import HealthCheck
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.options import (
    SERVER_OPTIONS,
    clickhouse_options,
    server_from,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.diagnosis import runner
from ansible_collections.zoohouse.cluster.plugins.module_utils.health_check import (
    exit_with_findings,
    health_check_options,
    wait_until_healthy,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import LIMITS_OPTION, chosen


def argument_spec() -> dict:
    return clickhouse_options(
        **health_check_options(
            state={"type": "str", "choices": ["healthy", "serving"], "default": "healthy"},
            servers={"type": "list", "elements": "dict", "options": SERVER_OPTIONS},
            ddl_path={"type": "str", "default": ""},
            shard_replicas={"type": "int", "default": 0},
            macros={"type": "dict", "default": {}},
            clusters={"type": "dict", "default": {}},
            included={"type": "dict", "default": {}},
            preprocessed_dir={"type": "path", "default": "/var/lib/clickhouse/preprocessed_configs"},
            details={"type": "bool", "default": False},
            **LIMITS_OPTION,
            cluster={"type": "str", "default": ""},
            config_dir={"type": "path"},
        )
    )


def main() -> None:
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    params = module.params
    servers = params["servers"]
    if servers is None:
        servers = [{"host": params["login_host"], "port": params["login_port"], "name": None}]
    try:
        limits = chosen(DEFAULTS, params["limits"])
    except ValueError as error:
        module.fail_json(msg=str(error))
    connections = [(server_from(params, server["host"], server["port"]), server["name"] or "") for server in servers]
    port = servers[0]["port"] if servers else 0
    health = HealthCheck(params, limits, connections, port, runner(module))
    findings = wait_until_healthy(health.check, params["timeout"])
    exit_with_findings(module, findings, "ClickHouse is not healthy", **health.figures)


if __name__ == "__main__":
    main()
