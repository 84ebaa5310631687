# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Connection options of every clickhouse_* module."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  login_host:
    description:
      - Name or address of the server's HTTP interface.
    type: str
    default: 127.0.0.1
  login_port:
    description:
      - TCP port of the server's HTTP interface.
    type: int
    default: 8123
  login_user:
    description:
      - The user to log in as.
    type: str
    default: default
  login_password:
    description:
      - Its password. It travels in a header, never in an address or on a command line.
    type: str
    default: ""
  connect_timeout:
    description:
      - Seconds to wait for the server's answer to one query.
    type: float
    default: 10.0
"""
