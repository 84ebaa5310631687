# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Connection options of every clickhouse_* module; documented by the fragment clickhouse."""

from __future__ import annotations

from typing import Any

from .http import Server

# A server in a list of servers.
SERVER_OPTIONS = {
    "host": {"type": "str", "required": True},
    "port": {"type": "int", "default": 8123},
    "name": {"type": "str"},
}


def clickhouse_options(**options: Any) -> dict[str, Any]:
    """Argument spec: the connection options, and the module's own."""
    return {
        "login_host": {"type": "str", "default": "127.0.0.1"},
        "login_port": {"type": "int", "default": 8123},
        "login_user": {"type": "str", "default": "default"},
        "login_password": {"type": "str", "default": "", "no_log": True},
        "connect_timeout": {"type": "float", "default": 10.0},
        **options,
    }


def server_from(params: dict[str, Any], host: str = "", port: int = 0) -> Server:
    """The server that a module's parameters name, or another one with the same login."""
    return Server(
        host or params["login_host"],
        port or params["login_port"],
        params["login_user"],
        params["login_password"],
        params["connect_timeout"],
    )
