#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: everything that preflight needs to know about a host, in one round trip."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: Read what the preflight of the roles needs to know about a host
version_added: 0.1.0
description:
  - Reads the distribution, how names resolve on the host, which addresses its interfaces have, kernel settings,
    installed packages and the clock. It needs no Ansible facts.
  - The action plugin adds the difference between the clocks of the host and of the control node.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.attributes
  - zoohouse.cluster.attributes.info_module
options:
  names:
    description:
      - Names to resolve as the host itself resolves them.
    type: list
    elements: str
    default: []
  hosts_file_names:
    description:
      - Further names to look up in C(/etc/hosts), without resolving them.
    type: list
    elements: str
    default: []
  addresses:
    description:
      - Addresses to look for on the interfaces of the host.
    type: list
    elements: str
    default: []
  sysctl:
    description:
      - Kernel settings to compare, with the expected value of each.
    type: dict
    default: {}
  packages:
    description:
      - Debian packages to look for.
    type: list
    elements: str
    default: []
  hosts_file_marker:
    description:
      - Word in the marker lines of a managed block of C(/etc/hosts). RV(hosts_file) does not include that block.
    type: str
    default: ZOOHOUSE
"""

EXAMPLES = r"""
- name: Read the host
  zoohouse.cluster.host_info:
    names: [ch1]
    addresses: [10.0.0.21]
    packages: [clickhouse-server]
  register: host
"""

RETURN = r"""
distribution:
  description: C(ID) and C(VERSION_ID) of C(/etc/os-release), joined with a dash.
  returned: always
  type: str
  sample: debian-12
resolved:
  description: Addresses that each name resolves to on the host.
  returned: always
  type: dict
  sample: {ch1: [10.0.0.21]}
hosts_file:
  description: Addresses that C(/etc/hosts) has outside the managed block, for O(names) and O(hosts_file_names).
  returned: always
  type: dict
  sample: {ch1: [127.0.1.1]}
own_addresses:
  description: The addresses from O(addresses) and RV(resolved) that the interfaces of the host have.
  returned: always
  type: list
  elements: str
  sample: [10.0.0.21]
sysctl:
  description:
    - Value of each kernel setting (null where the kernel has none), whether it differs from the expected value and
      whether it can be changed.
  returned: always
  type: dict
  sample: {vm.swappiness: {value: "60", differs: true, writable: true}}
memory_mb:
  description: Memory that the host may use, in MiB; V(0) if unknown.
  returned: always
  type: int
  sample: 4096
packages:
  description: Installed version of each package, null where it is not installed.
  returned: always
  type: dict
  sample: {clickhouse-server: 18.16.1+ds-7.3+b2}
user:
  description: The user that the module ran as.
  returned: always
  type: str
  sample: root
root:
  description: Whether the module ran with the rights of root.
  returned: always
  type: bool
  sample: true
time:
  description: The host's clock in seconds since 1970.
  returned: always
  type: float
  sample: 1795000000.5
clock_offset:
  description: Seconds that the clock of the host is ahead of the control node.
  returned: always
  type: float
  sample: 0.01
clock_uncertainty:
  description: Uncertainty of RV(clock_offset) in seconds, half of the time that the module took.
  returned: always
  type: float
  sample: 0.2
"""

import os
import time

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils import host
from ansible_collections.zoohouse.cluster.plugins.module_utils.packages import installed_versions


def main() -> None:
    texts = {"type": "list", "elements": "str", "default": []}
    module = AnsibleModule(
        argument_spec={
            "names": texts,
            "hosts_file_names": texts,
            "addresses": texts,
            "sysctl": {"type": "dict", "default": {}},
            "packages": texts,
            "hosts_file_marker": {"type": "str", "default": "ZOOHOUSE"},
        },
        supports_check_mode=True,
    )
    names = module.params["names"]
    resolved = {name: host.resolve(name) for name in names}
    candidates = {*module.params["addresses"], *(address for found in resolved.values() for address in found)}
    module.exit_json(
        changed=False,
        distribution=host.distribution(host.read_text("/etc/os-release")),
        resolved=resolved,
        hosts_file=host.hosts_file(
            host.read_text("/etc/hosts"),
            [*names, *module.params["hosts_file_names"]],
            module.params["hosts_file_marker"],
        ),
        own_addresses=sorted(filter(host.is_own, candidates)),
        sysctl={name: host.read_sysctl(name, wanted) for name, wanted in module.params["sysctl"].items()},
        memory_mb=host.memory_mb(
            host.read_text("/proc/meminfo"),
            (
                host.read_text("/sys/fs/cgroup/memory.max"),
                host.read_text("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
            ),
        ),
        packages=installed_versions(module, module.params["packages"]),
        user=host.user_name(os.geteuid()),
        root=os.geteuid() == 0,
        time=time.time(),
    )


if __name__ == "__main__":
    main()
