#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: the gate in front of everything that depends on a replica."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_health
short_description: Wait until ClickHouse replicas are well, or say what is wrong
version_added: 0.1.0
description:
  - Asks whether a server answers, has a session with ZooKeeper, has its queue of ON CLUSTER statements, and whether
    each replicated table is writable, in step and active on all its replicas. All servers are asked at the same time.
  - Looks again until nothing critical is found or O(timeout) is over; then it fails with findings.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.clickhouse
  - zoohouse.cluster.gate
options:
  state:
    description:
      - V(healthy) means that every replica is up, in session, writable and in step, and that all replicas of its tables
        are active.
      - V(serving) leaves out whether the other replicas are active.
    type: str
    choices: [healthy, serving]
    default: healthy
  servers:
    description:
      - Servers to ask instead of O(login_host); each has a C(host), an optional C(port) and the C(name) for findings.
    type: list
    elements: dict
    suboptions:
      host: {description: Name or address., type: str, required: true}
      port: {description: TCP port of the HTTP interface., type: int, default: 8123}
      name: {description: The replica's name in findings; the host when not given., type: str}
  ddl_path:
    description: Path of the queue of ON CLUSTER statements, seen from the chroot. Empty leaves that check out.
    type: str
    default: ""
  max_delay:
    description: Highest replication delay of a table, in seconds. The default is that of Altinity's alert rules.
    type: float
    default: 300.0
attributes:
  check_mode:
    support: full
    description: It changes nothing.
"""

EXAMPLES = r"""
- name: Wait until this replica is well
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
  description: Every judged fact, also those that are well.
  returned: always
  type: list
  elements: dict
  contains:
    check: {description: Name of the check., type: str, sample: writable}
    severity: {description: 'C(ok), C(warning) or C(critical).', type: str, sample: critical}
    subject: {description: The replica and its table., type: str, sample: ch1 demo.hits}
    found: {description: What there is., type: str, sample: readonly}
    expected: {description: What there should be., type: str, sample: writable}
    hint: {description: What to do., type: str, sample: Restart the server.}
"""

from concurrent.futures import ThreadPoolExecutor

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import Server, clickhouse_options
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.judge import MAX_DELAY_SECONDS, judge
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.reading import read
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import Finding
from ansible_collections.zoohouse.cluster.plugins.module_utils.gate import conclude, wait_until_well


def main() -> None:
    suboptions = {
        "host": {"type": "str", "required": True},
        "port": {"type": "int", "default": 8123},
        "name": {"type": "str"},
    }
    module = AnsibleModule(
        argument_spec=clickhouse_options(
            state={"type": "str", "choices": ["healthy", "serving"], "default": "healthy"},
            servers={"type": "list", "elements": "dict", "options": suboptions},
            ddl_path={"type": "str", "default": ""},
            max_delay={"type": "float", "default": float(MAX_DELAY_SECONDS)},
            timeout={"type": "float", "default": 60.0},
            report_only={"type": "bool", "default": False},
        ),
        supports_check_mode=True,
    )
    params = module.params
    asked = params["servers"]
    if asked is None:
        asked = [{"host": params["login_host"], "port": params["login_port"], "name": None}]

    def look_at(one: dict) -> list[Finding]:
        server = Server(
            one["host"], one["port"], params["login_user"], params["login_password"], params["connect_timeout"]
        )
        reading = read(server, params["ddl_path"], one["name"] or "")
        return judge(reading, params["max_delay"], peers=params["state"] == "healthy")

    def look() -> list[Finding]:
        with ThreadPoolExecutor(max_workers=max(1, len(asked))) as pool:
            return [finding for findings in pool.map(look_at, asked) for finding in findings]

    conclude(module, wait_until_well(look, params["timeout"]), "ClickHouse is not well")


if __name__ == "__main__":
    main()
