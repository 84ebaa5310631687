#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: the health check of an ensemble."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zookeeper_health
short_description: Wait until a ZooKeeper ensemble is healthy, or report what is wrong
version_added: 0.1.0
description:
  - Asks all members at the same time and checks their answers, again and again until nothing critical is found or
    O(timeout) is over.
  - Then it fails with findings that name the member, what was found, what was expected and what to do.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.zookeeper
  - zoohouse.cluster.zookeeper_transport
  - zoohouse.cluster.zookeeper_admin_server
  - zoohouse.cluster.health_check
  - zoohouse.cluster.limits
  - zoohouse.cluster.attributes
  - zoohouse.cluster.attributes.info_module
options:
  state:
    description:
      - V(healthy) means that every member serves, exactly one leads and all followers are in sync.
      - V(quorum) means that a majority serves; other members may be down.
      - V(serving) means that O(member) serves in an ensemble that has its quorum.
      - V(safe_to_stop) means that the ensemble keeps its quorum when O(member) stops.
      - Only V(healthy) uses O(limits).
    type: str
    choices: [healthy, quorum, serving, safe_to_stop]
    default: healthy
  member:
    description:
      - The member that O(state=serving) and O(state=safe_to_stop) check, as in O(hosts) without the port.
      - With O(config_dir), the member of the host that the module runs on.
    type: str
  servers:
    description:
      - Server lines of the members that the ensemble should have, such as C(server.1=zk1:2888:3888). With
        O(state=healthy), another membership is critical.
    type: list
    elements: str
  config_dir:
    description:
      - Directory of C(zoo.cfg) of O(member) on the host that the module runs on. With it, O(state=healthy) also checks
        this host (swap, disks, removal of old snapshots, the configuration that runs), and explains why O(member) does
        not serve.
    type: str
  external:
    description:
      - Somebody else runs the ensemble, and may have closed four-letter words. With O(state=healthy) and
        O(state=quorum), a member that does not execute C(srvr) serves if it gives a session, and words that are closed
        are a warning instead of critical.
    type: bool
    default: false
  canary:
    description:
      - With O(state=healthy), create a znode through O(member) or the first member that serves, read it through all
        others, and delete it. It is an ephemeral child of the root. Needs kazoo, and
        sessions without TLS.
    type: bool
    default: false
  window:
    description:
      - Seconds to watch the ensemble after the other checks of O(state=healthy), for counters that should not increase,
        such as elections and rejected connections. 0 checks none of them.
    type: float
    default: 0
"""

EXAMPLES = r"""
- name: Wait until the ensemble is healthy
  zoohouse.cluster.zookeeper_health:
    hosts: [zk1, zk2, zk3]

- name: Wait until the ensemble keeps its quorum without zk2
  zoohouse.cluster.zookeeper_health:
    hosts: [zk1, zk2, zk3]
    state: safe_to_stop
    member: zk2
    timeout: 30

- name: Wait until an ensemble with TLS and an AdminServer is healthy
  zoohouse.cluster.zookeeper_health:
    hosts: [zk1:2281, zk2:2281, zk3:2281]
    tls: true
    tls_ca_file: /etc/zookeeper/tls/ca.crt
    tls_cert_file: /etc/zookeeper/tls/client.crt
    tls_key_file: /etc/zookeeper/tls/client.key
    admin_port: 8080

- name: Check once, with other limits
  zoohouse.cluster.zookeeper_health:
    hosts: [zk1, zk2, zk3]
    timeout: 0
    member: zk1
    config_dir: /etc/zookeeper/zoohouse
    limits:
      znode_count: 5000000
      recent_restart: false
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
    check: {description: Name of the check., type: str, sample: serving}
    severity: {description: 'C(ok), C(warning) or C(critical).', type: str, sample: critical}
    subject: {description: The member or the ensemble., type: str, sample: zk3}
    found: {description: What was found., type: str, sample: 'no answer: timed out'}
    expected: {description: What was expected., type: str, sample: leader or follower}
    hint: {description: What to do., type: str, sample: Start members until a majority runs.}
leader:
  description: The leader; null when there is none or more than one.
  returned: always
  type: str
  sample: zk2
members:
  description: The figures of each of O(hosts), in the same order; null for what a member does not report.
  returned: always
  type: list
  elements: dict
  contains:
    host: {description: Host name or address., type: str, sample: zk1}
    mode: {description: 'C(leader), C(follower), C(observer), C(standalone), or empty.', type: str, sample: follower}
    version: {description: Version number., type: str, sample: 3.8.0}
    zxid: {description: Id of its last transaction., type: int, sample: 4294967299}
    uptime_ms: {description: Milliseconds since its start., type: float, sample: 179987.0}
    avg_latency: {description: Average latency of requests in milliseconds., type: float, sample: 1.25}
    max_latency: {description: Largest latency of a request since its start in milliseconds., type: float, sample: 4.0}
    outstanding_requests: {description: Requests in its queue., type: float, sample: 0.0}
    connections: {description: Connections of clients., type: float, sample: 2.0}
    znodes: {description: Number of znodes., type: float, sample: 9.0}
    data_bytes: {description: Approximate size of the tree in bytes., type: float, sample: 243.0}
    synced_followers: {description: Followers in sync with it; only the leader reports them., type: float, sample: 2.0}
    error: {description: Why there was no answer., type: str, sample: ""}
local_findings:
  description: The result of every check of the host, with the fields of RV(findings).
  returned: with O(config_dir)
  type: list
  elements: dict
  sample: []
clock:
  description: Clock of the host when the module started and ended, in seconds since 1970.
  returned: always
  type: list
  elements: float
  sample: [1764139000.25, 1764139000.5]
clock_offset:
  description: Seconds by which the clock of the host is ahead of the control node's.
  returned: always
  type: float
  sample: 0.002
clock_uncertainty:
  description: Largest error of RV(clock_offset) in seconds, because of the time that the connection takes.
  returned: always
  type: float
  sample: 0.2
"""

import time

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.zoohouse.cluster.plugins.module_utils.diagnosis import runner
from ansible_collections.zoohouse.cluster.plugins.module_utils.health_check import (
    exit_with_findings,
    health_check_options,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import LIMITS_OPTION, chosen
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.health import STATES, EnsembleHealth
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import endpoints, zookeeper_options
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.roles import leader_of
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.transport import (
    transport_of,
    transport_options,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.znode import KAZOO_ERROR


def main() -> None:
    started = time.time()
    module = AnsibleModule(
        argument_spec=zookeeper_options(
            **health_check_options(
                state={"type": "str", "choices": STATES, "default": "healthy"},
                member={"type": "str"},
                config_dir={"type": "str"},
                external={"type": "bool", "default": False},
                canary={"type": "bool", "default": False},
                window={"type": "float", "default": 0.0},
                servers={"type": "list", "elements": "str"},
                **LIMITS_OPTION,
            ),
            **transport_options(),
        ),
        required_by={"config_dir": ["member"]},
        required_if=[("state", "serving", ["member"]), ("state", "safe_to_stop", ["member"])],
        supports_check_mode=True,
    )
    params = module.params
    if params["canary"] and KAZOO_ERROR:
        module.fail_json(msg=missing_required_lib("kazoo"), exception=KAZOO_ERROR)
    option = ""
    try:
        limits, transport = chosen(DEFAULTS, params["limits"]), transport_of(params)
        option = "hosts: "
        health = EnsembleHealth(params, endpoints(params["hosts"]), limits, transport)
    except ValueError as error:
        module.fail_json(msg=f"{option}{error}")
    findings = health.check()
    exit_with_findings(
        module,
        findings,
        "The ZooKeeper ensemble is not healthy",
        health.check_local(runner(module)),
        leader=leader_of(health.statuses),
        members=[status.summary() for status in health.statuses],
        clock=[started, time.time()],
    )


if __name__ == "__main__":
    main()
