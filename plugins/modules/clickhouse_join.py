#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: a new replica gets the tables of the others."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_join
short_description: Give a new ClickHouse replica the databases and tables of the others
version_added: 0.1.0
description:
  - Creates what the replica lacks of the databases, tables, views, dictionaries and SQL functions of a healthy replica
    of its shard, or, for a new shard, of any healthy replica. Then it waits until the replica has fetched all rows that
    its replicated tables had at that time, and is healthy.
  - It can be interrupted and run again. It drops and changes nothing.
  - An engine that names the shard or the replica as text gets the macros C({shard}) and C({replica}) instead. Rows of
    tables that are not replicated are not copied.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.clickhouse
  - zoohouse.cluster.health_check
  - zoohouse.cluster.attributes
options:
  name:
    description: Name of the new replica in findings.
    type: str
    required: true
  shard:
    description: Its shard.
    type: str
    required: true
  replicas:
    description: Replicas that may have what it lacks, in the order in which they are asked.
    type: list
    elements: dict
    required: true
    suboptions:
      host: {description: Host name or address., type: str, required: true}
      port: {description: TCP port of the HTTP interface., type: int, default: 8123}
      name: {description: Name of the replica in findings; its host by default., type: str}
      shard: {description: Its shard., type: str, required: true}
  ddl_path:
    description: Path of the queue of C(ON CLUSTER) statements, relative to the chroot. Empty does not check it.
    type: str
    default: ""
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details:
      - A definition may contain a password.
"""

EXAMPLES = r"""
- name: Copy the tables of the shard
  zoohouse.cluster.clickhouse_join:
    login_user: admin
    login_password: "{{ clickhouse_admin_password }}"
    name: ch3
    shard: "01"
    replicas:
      - {host: ch1, shard: "01"}
      - {host: ch2, shard: "01"}
    timeout: 3600
"""

RETURN = r"""
source:
  description: The replica that had the definitions.
  returned: success
  type: str
  sample: ch1
created:
  description: What was created (in check mode, would be).
  returned: success
  type: list
  elements: str
  sample: [demo, demo.hits, demo.hits_all]
healthy:
  description: Whether nothing critical was found.
  returned: after waiting
  type: bool
  sample: true
findings:
  description: The result of every check.
  returned: after waiting
  type: list
  elements: dict
  contains:
    check: {description: Name of the check., type: str, sample: caught_up}
    severity: {description: 'C(ok), C(warning) or C(critical).', type: str, sample: critical}
    subject: {description: The replica and its table., type: str, sample: ch3 demo.hits}
    found: {description: What was found., type: str, sample: 12 parts to fetch}
    expected: {description: What was expected., type: str, sample: everything}
    hint: {description: What to do., type: str, sample: Run the playbook again to wait longer.}
"""

from dataclasses import replace

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.catching_up import (
    check_caught_up,
    check_present,
    read_progress,
    read_start,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.checks import check_replica
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.definitions import read_definitions
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError, Server
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.joining import Copy, CopyError, find_source
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.options import (
    SERVER_OPTIONS,
    clickhouse_options,
    server_from,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.status import read_replica
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, Finding, message, problems
from ansible_collections.zoohouse.cluster.plugins.module_utils.health_check import (
    exit_with_findings,
    health_check_options,
    wait_until_healthy,
)

# Seconds for the answer to a statement that creates something in ZooKeeper.
STATEMENT_TIMEOUT = 60.0


def argument_spec() -> dict:
    replicas = {**SERVER_OPTIONS, "shard": {"type": "str", "required": True}}
    return clickhouse_options(
        **health_check_options(
            name={"type": "str", "required": True},
            shard={"type": "str", "required": True},
            replicas={"type": "list", "elements": "dict", "required": True, "options": replicas},
            ddl_path={"type": "str", "default": ""},
        )
    )


def wait_until_caught_up(server: Server, name: str, coming: list[str], ddl_path: str, timeout: float) -> list[Finding]:
    """coming: tables that the server creates by itself."""

    def check_tables() -> list[Finding]:
        return check_present(name, coming, {table.full_name for table in read_definitions(server).tables})

    findings = wait_until_healthy(check_tables, timeout) if coming else []
    if problems(findings, CRITICAL):
        return findings
    since, last = read_start(server)

    def check() -> list[Finding]:
        findings = check_replica(read_replica(server, ddl_path, name), peers=False)
        try:
            return findings + check_caught_up(name, last, *read_progress(server, since))
        except ClickHouseError as error:
            return [*findings, *check_caught_up(name, last, {}, {}, str(error))]

    return wait_until_healthy(check, timeout)


def main() -> None:
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    params = module.params
    own = replace(server_from(params), timeout=max(STATEMENT_TIMEOUT, params["connect_timeout"]))
    candidates = [
        (server_from(params, item["host"], item["port"]), item["name"] or item["host"], item["shard"])
        for item in params["replicas"]
    ]
    try:
        healthy, findings = find_source(candidates, params["shard"], params["timeout"])
        if not healthy:
            module.fail_json(msg=message(findings, f"No replica has the tables for {params['name']}:"))
        server, source = healthy[0]
        copy = Copy(server, source, own)
        if copy.findings:
            module.fail_json(msg=message(copy.findings, f"{params['name']} has not joined; nothing was created:"))
        if module.check_mode:
            module.exit_json(changed=bool(copy.names), source=source, created=copy.names)
        copy.create()
        findings = wait_until_caught_up(own, params["name"], copy.coming, params["ddl_path"], params["timeout"])
    except CopyError as error:
        module.fail_json(msg=f"{params['name']} has not joined. {error}")
    except ClickHouseError as error:
        module.fail_json(msg=f"{params['name']} has not joined: {error}")
    summary, created = f"{params['name']} has not joined", copy.names
    exit_with_findings(module, findings, summary, changed=bool(created), source=source, created=created)


if __name__ == "__main__":
    main()
