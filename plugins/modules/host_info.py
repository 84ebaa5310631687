#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: all that preflight must know of a host, in one round trip."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: Read what the preflight of the roles needs from a host
version_added: 0.1.0
description:
  - Reads the distribution, how names resolve on the host, which addresses are its own, kernel settings,
    installed packages and the clock, without changing anything and without Ansible facts.
  - Together with its action plugin it also tells how far the host's clock is from the control node's.
author:
  - Zoohouse contributors (@zoohouse)
options:
  names:
    description:
      - Names to resolve as the host itself resolves them.
    type: list
    elements: str
    default: []
  addresses:
    description:
      - Addresses to be looked for on the host's own interfaces.
    type: list
    elements: str
    default: []
  sysctl:
    description:
      - Kernel settings to compare, with the value wanted for each.
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
      - Word in the marker lines of a managed block of C(/etc/hosts); what stands in that block is left out of
        RV(hosts_file).
    type: str
    default: ZOOHOUSE
attributes:
  check_mode:
    support: full
    description: It changes nothing.
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
  description: C(ID) and C(VERSION_ID) of C(/etc/os-release), joined by a dash.
  returned: always
  type: str
  sample: debian-12
resolved:
  description: Addresses that each name resolves to on the host.
  returned: always
  type: dict
  sample: {ch1: [10.0.0.21]}
hosts_file:
  description: Addresses that C(/etc/hosts) gives each name outside the managed block.
  returned: always
  type: dict
  sample: {ch1: [127.0.1.1]}
own_addresses:
  description: Those of O(addresses) and of RV(resolved) that are on the host's interfaces.
  returned: always
  type: list
  elements: str
  sample: [10.0.0.21]
sysctl:
  description:
    - Value of each kernel setting (null where the kernel has none), whether it differs from the one wanted and whether
      it can be changed from here.
  returned: always
  type: dict
  sample: {vm.swappiness: {value: "60", differs: true, writable: true}}
packages:
  description: Installed version of each package, null where it is not installed.
  returned: always
  type: dict
  sample: {clickhouse-server: 18.16.1+ds-7.3+b2}
time:
  description: The host's clock in seconds since 1970.
  returned: always
  type: float
  sample: 1795000000.5
clock_offset:
  description: Seconds that the host's clock is ahead of the control node's.
  returned: always
  type: float
  sample: 0.01
clock_uncertainty:
  description: Half the time that the reading took, in seconds; the offset is known no better than that.
  returned: always
  type: float
  sample: 0.2
"""

import os
import socket
import time

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.zoohouse.cluster.plugins.module_utils.packages import installed_versions


def distribution(text: str) -> str:
    fields = dict(line.partition("=")[::2] for line in text.splitlines())
    return "-".join(fields.get(name, "").strip("\"'") for name in ("ID", "VERSION_ID"))


def hosts_file(text: str, names: list[str], marker: str) -> dict[str, list[str]]:
    """Addresses by name, without what stands between the marker lines."""
    found: dict[str, list[str]] = {name: [] for name in names}
    managed = False
    for line in text.splitlines():
        if line.startswith("#") and marker in line:
            managed = "BEGIN" in line
            continue
        address, *aliases = line.partition("#")[0].split() or [""]
        for name in found if not managed else ():
            if name in aliases:
                found[name].append(address)
    return found


def resolve(name: str) -> list[str]:
    try:
        return sorted({str(answer[4][0]) for answer in socket.getaddrinfo(name, None)})
    except (OSError, UnicodeError):
        return []


def is_own(address: str) -> bool:
    """Whether a socket can be bound to the address, which works only on the host that has it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        # A kernel without IPv6 refuses the socket itself.
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except (OSError, UnicodeError):
        return False
    return True


def read_sysctl(name: str, wanted: object) -> dict:
    path = os.path.join("/proc/sys", name.replace(".", "/"))
    try:
        with open(path) as setting:
            value = " ".join(setting.read().split())
        # In a container /proc/sys is mounted read-only, whatever the mode of the file says.
        writable = os.access(path, os.W_OK) and not os.statvfs(path).f_flag & os.ST_RDONLY
    except OSError:
        return {"value": None, "differs": True, "writable": False}
    return {"value": value, "differs": value != " ".join(str(wanted).split()), "writable": bool(writable)}


def read_text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def main() -> None:
    texts = {"type": "list", "elements": "str", "default": []}
    module = AnsibleModule(
        argument_spec={
            "names": texts,
            "addresses": texts,
            "sysctl": {"type": "dict", "default": {}},
            "packages": texts,
            "hosts_file_marker": {"type": "str", "default": "ZOOHOUSE"},
        },
        supports_check_mode=True,
    )
    names = module.params["names"]
    resolved = {name: resolve(name) for name in names}
    candidates = {*module.params["addresses"], *(address for found in resolved.values() for address in found)}
    module.exit_json(
        changed=False,
        distribution=distribution(read_text("/etc/os-release")),
        resolved=resolved,
        hosts_file=hosts_file(read_text("/etc/hosts"), names, module.params["hosts_file_marker"]),
        own_addresses=sorted(filter(is_own, candidates)),
        sysctl={name: read_sysctl(name, wanted) for name, wanted in module.params["sysctl"].items()},
        packages=installed_versions(module, module.params["packages"]),
        time=time.time(),
    )


if __name__ == "__main__":
    main()
