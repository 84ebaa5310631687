#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: the member that is deployed on a host, and what its data directories hold."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zookeeper_member_info
short_description: Read the deployed state of a ZooKeeper member
version_added: 0.1.0
description:
  - Reads what the data directories hold (file names and C(myid)), the configuration and the status of a deployed
    member, whoever deployed it, and which processes listen on the ports of the member.
  - The role uses it to decide whether an ensemble is new, has lost its disks, or would change in a way that is not
    safe.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.attributes
  - zoohouse.cluster.attributes.info_module
options:
  data_dir:
    description: C(dataDir) that the member should have.
    type: path
    required: true
  data_log_dir:
    description: C(dataLogDir) that the member should have.
    type: path
    required: true
  config_dir:
    description: Directory of the C(zoo.cfg) that the role writes.
    type: path
    required: true
  bootstrap_record:
    description:
      - File that records that the member was part of a serving ensemble. It is outside the data directories.
    type: path
    required: true
  ports:
    description: TCP ports that the member should listen on.
    type: list
    elements: int
    default: []
  previous_port:
    description:
      - Port on which a running member may still listen that does not listen on the one of its configuration. V(0) for
        none.
    type: int
    default: 0
  packages:
    description: Debian packages to look for.
    type: list
    elements: str
    default: []
  connect_timeout:
    description: Seconds to wait for the answer of the running member.
    type: float
    default: 2.0
"""

EXAMPLES = r"""
- name: Read the deployed state of the member
  zoohouse.cluster.zookeeper_member_info:
    data_dir: /var/lib/zookeeper/data
    data_log_dir: /var/lib/zookeeper/log
    config_dir: /etc/zookeeper/zoohouse
    bootstrap_record: /var/lib/zoohouse/zookeeper-bootstrapped
    ports: [2181, 2888, 3888]
"""

RETURN = r"""
data_dir:
  description: The option O(data_dir).
  returned: always
  type: str
  sample: /var/lib/zookeeper/data
data_log_dir:
  description: The option O(data_log_dir).
  returned: always
  type: str
  sample: /var/lib/zookeeper/log
resolved:
  description: The options O(data_dir) and O(data_log_dir) with all symbolic links resolved.
  returned: always
  type: dict
  sample: {data_dir: /var/lib/zookeeper/data, data_log_dir: /srv/log}
files:
  description: Names below C(version-2) of both directories.
  returned: always
  type: list
  elements: str
  sample: [log.100000001, snapshot.0]
myid:
  description: The id in C(myid), null if there is none.
  returned: always
  type: int
  sample: 1
initialize:
  description: Whether C(initialize), the marker that allows an empty start, is in the directory of transaction logs.
  returned: always
  type: bool
  sample: false
bootstrapped:
  description: Whether O(bootstrap_record) exists.
  returned: always
  type: bool
  sample: true
deployed:
  description: The deployed member; null when there is none.
  returned: always
  type: dict
  contains:
    config_file: {description: Its configuration file., type: str, sample: /etc/zookeeper/conf/zoo.cfg}
    own: {description: Whether the role wrote that file., type: bool, sample: false}
    running: {description: Whether its process runs., type: bool, sample: true}
    in_unit: {description: Whether that process belongs to C(zookeeper.service)., type: bool, sample: true}
    data_dir: {description: Its C(dataDir)., type: str, sample: /var/lib/zookeeper}
    data_log_dir: {description: Its C(dataLogDir)., type: str, sample: /var/lib/zookeeper}
    client_port:
      description: Where the running member answers, otherwise the client port of its configuration; V(0) if unknown.
      type: int
      sample: 2181
    listens: {description: Whether something listens on its client port., type: bool, sample: true}
    myid: {description: The id in its data directory., type: int, sample: 1}
    holds_data: {description: Whether its data directories hold data., type: bool, sample: true}
    mode: {description: Its mode; empty while it is not serving., type: str, sample: follower}
    servers:
      description: The members of its ensemble, as it reports them, otherwise from its configuration.
      type: list
      elements: str
      sample: ['server.1=zk1:2888:3888']
restart_pending:
  description: Whether the running service has not read all of the files that the role wrote.
  returned: always
  type: bool
  sample: false
listeners:
  description: Name of the process that listens on each of O(ports), when no member runs.
  returned: always
  type: dict
  sample: {"2181": java}
packages:
  description: Installed version of each package, null where it is not installed.
  returned: always
  type: dict
  sample: {zookeeper: 3.8.0-11+deb12u2}
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.config_record import unread_files
from ansible_collections.zoohouse.cluster.plugins.module_utils.listeners import listeners
from ansible_collections.zoohouse.cluster.plugins.module_utils.packages import installed_versions
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.deployed import UNIT, read_deployed
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.disk import read_disk


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "data_dir": {"type": "path", "required": True},
            "data_log_dir": {"type": "path", "required": True},
            "config_dir": {"type": "path", "required": True},
            "bootstrap_record": {"type": "path", "required": True},
            "ports": {"type": "list", "elements": "int", "default": []},
            "previous_port": {"type": "int", "default": 0},
            "packages": {"type": "list", "elements": "str", "default": []},
            "connect_timeout": {"type": "float", "default": 2.0},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        disk = read_disk(params["data_dir"], params["data_log_dir"], params["bootstrap_record"])
        deployed = read_deployed(params["config_dir"], params["connect_timeout"], params["previous_port"])
    except OSError as error:
        module.fail_json(msg=f"The deployed member cannot be read: {error}")
    running = bool(deployed and deployed["running"])
    module.exit_json(
        changed=False,
        data_dir=params["data_dir"],
        data_log_dir=params["data_log_dir"],
        resolved={name: os.path.realpath(params[name]) for name in ("data_dir", "data_log_dir")},
        deployed=deployed,
        restart_pending=unread_files(module, "zookeeper", UNIT),
        listeners={} if running else {str(port): name for port, name in listeners(params["ports"]).items()},
        packages=installed_versions(module, params["packages"]),
        **disk,
    )


if __name__ == "__main__":
    main()
