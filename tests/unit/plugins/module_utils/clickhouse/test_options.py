# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The server that the options of a module name."""

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import Server
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.options import clickhouse_options, server_from

PARAMS = {"login_host": "ch1", "login_port": 8124, "login_user": "u", "login_password": "p", "connect_timeout": 3.0}


def test_the_server_of_the_login_options():
    assert server_from(PARAMS) == Server("ch1", 8124, "u", "p", 3.0)


def test_another_server_with_the_same_login():
    assert server_from(PARAMS, "ch2", 8123) == Server("ch2", 8123, "u", "p", 3.0)


def test_the_password_is_never_logged():
    assert clickhouse_options()["login_password"]["no_log"] is True


def test_options_of_the_module_are_added():
    assert clickhouse_options(query={"type": "str"})["query"] == {"type": "str"}
