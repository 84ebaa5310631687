#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: the deployed state of a replica."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_server_info
short_description: Read the deployed state of a ClickHouse replica
version_added: 0.1.0
description:
  - Reads the configuration of a deployed server, its replicated and Distributed tables, and what they have queued, from
    files. The server need not run.
  - The role uses it to decide whether a change would hide data, send it elsewhere or strand it.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.attributes
  - zoohouse.cluster.attributes.info_module
options:
  config_dir:
    description: Directory of C(config.xml).
    type: path
    default: /etc/clickhouse-server
  record:
    description: File that exists when the role has deployed the server.
    type: path
    default: /var/lib/zoohouse/clickhouse.json
  login_sha256:
    description:
      - SHA-256 of C(user:password) that replicas should use among themselves, to compare it with the deployed login.
        Empty does not compare it.
      - The password itself is no option, because Ansible would mask it in everything that the module returns.
    type: str
    default: ""
  packages:
    description: Debian packages to look for.
    type: list
    elements: str
    default: []
  files:
    description: Files of which the content is compared.
    type: list
    elements: path
    default: []
  readable:
    description: Files and directories that the user C(clickhouse) must be able to read.
    type: list
    elements: path
    default: []
  ports:
    description: TCP ports that the server should listen on.
    type: list
    elements: int
    default: []
  directories:
    description:
      - Directories of the server whose free space is read, by any name. Without a path, the one that is named
        C(clickhouse_paths/data) is the data directory that the server has, or that of the packages.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Read the deployed replica
  zoohouse.cluster.clickhouse_server_info:
    packages: [clickhouse-server]
  register: server
"""

RETURN = r"""
deployed:
  description: The deployed server; null when there is none.
  returned: always
  type: dict
  contains:
    own: {description: Whether the role has deployed it., type: bool, sample: true}
    config_file:
      description: The configuration that it runs with, or would start with.
      type: str
      sample: /etc/clickhouse-server/config.xml
    service_config: {description: Whether that is the configuration of the service., type: bool, sample: true}
    running: {description: Whether its process runs., type: bool, sample: true}
    ports: {description: 'Its ports, by role variable.', type: dict, sample: {clickhouse_http_port: "8123"}}
    data_path: {description: Its data directory., type: str, sample: /var/lib/clickhouse/}
    role_data_path:
      description: The same, as the role has set it; empty when it has not.
      type: str
      sample: /data/clickhouse/
    role_elements:
      description: Names of the macros and clusters that the role has set, by section of the configuration.
      type: dict
      sample: {macros: [cluster, replica, shard], remote_servers: [main]}
    macros: {description: Its macros., type: dict, sample: {cluster: main, shard: "01", replica: ch1}}
    zookeeper_root: {description: Its chroot in ZooKeeper., type: str, sample: /clickhouse/main}
    zookeeper_endpoints:
      description: The members that it is configured with.
      type: list
      elements: str
      sample: ["zk1:2181", "zk2:2181", "zk3:2181"]
    ddl_path: {description: 'Its queue of C(ON CLUSTER) statements.', type: str, sample: /task_queue/ddl}
    users:
      description: Users in its files that the package does not have.
      type: list
      elements: str
      sample: [admin, cluster]
    late_fragments:
      description: Elements that other fragments set after those of the role, by fragment.
      type: dict
      sample: {site.xml: [macros]}
    shards:
      description: Name and endpoints of the shards of its cluster, in their order.
      type: list
      elements: dict
      sample: [{name: "01", endpoints: ["ch1:9000", "ch2:9000"]}]
    joining:
      description: Whether the role has deployed it, but has not let it join the cluster yet.
      type: bool
      sample: false
    login_changed:
      description: Whether replicas now use another login among themselves than O(login_sha256).
      type: bool
      sample: false
    replicated_tables: {description: Replicated tables., type: list, elements: str, sample: [demo.hits]}
    distributed_tables: {description: Distributed tables., type: list, elements: str, sample: [demo.hits_all]}
    other_tables: {description: All other tables., type: list, elements: str, sample: [demo.notes]}
    used_macros: {description: Macros in the engines of replicated tables., type: list, elements: str, sample: [shard]}
    clusters:
      description: The clusters that Distributed tables read, with those tables and the endpoints of their shards.
      type: dict
      sample: {main: {tables: [demo.hits_all], shards: [["ch1:9000", "ch2:9000"]]}}
    queues:
      description: What Distributed tables have acknowledged and not sent yet.
      type: list
      elements: dict
      sample: [{table: demo.hits_all, endpoints: ["ch3:9000", "ch4:9000"], files: 12, bytes: 34567, age: 3.2, shard: 0}]
restart_pending:
  description: Whether the running service has not read all of the files that the role wrote.
  returned: always
  type: bool
  sample: false
listeners:
  description: Name of the process that listens on each of O(ports), when no server runs.
  returned: always
  type: dict
  sample: {"8123": nginx}
packages:
  description: Version, maintainer and hold of each of O(packages). The version is empty where it is not installed.
  returned: always
  type: dict
  sample: {clickhouse-server: {version: 18.16.1+ds-7.3+b2, held: false, maintainer: debian.org}}
architecture:
  description: Architecture of the packages of the host.
  returned: always
  type: str
  sample: amd64
archive_version:
  description: Version of a server that no package has installed.
  returned: always
  type: str
  sample: 25.8.2.29
files:
  description: SHA-256 of the content of O(files), null where there is none.
  returned: always
  type: dict
  sample: {/etc/apt/preferences.d/zoohouse-clickhouse: null}
unreadable:
  description:
    - What is wrong with each of O(readable) that the user C(clickhouse) cannot read.
    - Before the packages have created that user, only files that do not exist.
  returned: always
  type: dict
  sample: {/etc/ssl/private/ch1.key: cannot be read by the user clickhouse}
space:
  description: What is free for O(directories). One that does not exist yet counts as the directory above it.
  returned: always
  type: list
  elements: dict
  contains:
    name: {description: Its name., type: str, sample: clickhouse_paths/data}
    path: {description: Its path., type: str, sample: /var/lib/clickhouse/}
    mount: {description: Where its file system is mounted., type: str, sample: /var}
    free_bytes: {description: Bytes that users without the rights of root may use., type: int, sample: 10000000000}
    free_inodes: {description: The same of inodes; null where there is no limit., type: int, sample: 1000000}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.deployed import read_deployed
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.installed import read_installed
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.readable import unreadable
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.server_config import PACKAGED_DATA
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.space import read_space
from ansible_collections.zoohouse.cluster.plugins.module_utils.config_record import unread_files
from ansible_collections.zoohouse.cluster.plugins.module_utils.listeners import listeners


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "config_dir": {"type": "path", "default": "/etc/clickhouse-server"},
            "record": {"type": "path", "default": "/var/lib/zoohouse/clickhouse.json"},
            "login_sha256": {"type": "str", "default": "", "no_log": True},
            "packages": {"type": "list", "elements": "str", "default": []},
            "files": {"type": "list", "elements": "path", "default": []},
            "readable": {"type": "list", "elements": "path", "default": []},
            "ports": {"type": "list", "elements": "int", "default": []},
            "directories": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        deployed = read_deployed(params["config_dir"], params["record"], params["login_sha256"])
        # A path of the role that is not set any more becomes that of the packages again.
        kept = deployed["data_path"] if deployed and not deployed["role_data_path"] else PACKAGED_DATA
        space = read_space(params["directories"], kept)
    except OSError as error:
        module.fail_json(msg=f"The deployed replica cannot be read: {error}")
    running = bool(deployed and deployed["running"])
    module.exit_json(
        changed=False,
        deployed=deployed,
        space=space,
        unreadable=unreadable(module.run_command, params["readable"]),
        restart_pending=unread_files(module, "clickhouse", "clickhouse-server.service"),
        listeners={} if running else {str(port): name for port, name in listeners(params["ports"]).items()},
        **read_installed(module, params["packages"], params["files"]),
    )


if __name__ == "__main__":
    main()
