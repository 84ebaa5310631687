# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Connection options of every zookeeper_* module; their argument spec is zookeeper/options.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  hosts:
    description:
      - Members to connect to, each as C(host) or C(host:port). An IPv6 address with a port is written in brackets.
      - The default port is 2181.
    type: list
    elements: str
    required: true
  previous_port:
    description:
      - Port on which members may still listen that do not listen on the one of O(hosts), while their client port is
        changed one member after the other. V(0) for none.
    type: int
    default: 0
  connect_timeout:
    description:
      - Seconds to wait for the answer of one member. All members are asked at the same time.
    type: float
    default: 2.0
"""
