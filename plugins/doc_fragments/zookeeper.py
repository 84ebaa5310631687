# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Connection options of every zookeeper_* module."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  hosts:
    description:
      - The members to speak to, each as C(host) or C(host:port); an IPv6 address with a port stands in brackets.
      - The port is 2181 when none is given.
    type: list
    elements: str
    required: true
  connect_timeout:
    description:
      - Seconds to wait for one member's answer. All members are asked at the same time.
    type: float
    default: 2.0
"""
