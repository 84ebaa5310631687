# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Connection options of every clickhouse_* module; their argument spec is clickhouse/options.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  login_host:
    description:
      - Host name or address of the server.
    type: str
    default: 127.0.0.1
  login_port:
    description:
      - TCP port of the server's HTTP interface.
    type: int
    default: 8123
  login_user:
    description:
      - User to log in as.
    type: str
    default: default
  login_password:
    description:
      - Password of O(login_user). It is sent in a header, never in a URL or on a command line.
    type: str
    default: ""
  connect_timeout:
    description:
      - Seconds to wait for the answer to one query.
    type: float
    default: 10.0
"""
