# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for what is installed on a host, and for what must be there before."""

from __future__ import annotations

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.install import (
    LIBRARY,
    Wanted,
    is_complete,
    validate_install,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.local_files import validate_files
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.openssl import (
    openssl_files,
    validate_openssl_files,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.repository import validate_repository


def clickhouse_installation(server, host, wanted):
    """Everything about an installation that tasks need.

    server: what clickhouse_server_info returned. wanted: the fields of Wanted.
    """
    wanted = Wanted(**wanted)
    architecture = server["architecture"]
    exact = "" if wanted.method == "distribution" else f"={wanted.version}"
    return {
        "errors": [error.as_dict() for error in validate_install(str(host), wanted, server)],
        "complete": is_complete(wanted, server),
        "packages": [*(f"{name}{exact}" for name in wanted.packages), LIBRARY],
        "held": list(wanted.packages),
        "files": wanted.files(architecture),
        "is_local": wanted.is_local,
        "apt_files": wanted.apt_files(architecture),
    }


def clickhouse_file_errors(files, host):
    return [error.as_dict() for error in validate_files(str(host), files)]


def clickhouse_openssl_files(options):
    return list(openssl_files(options).values())


def clickhouse_openssl_errors(unreadable, host, options):
    return [error.as_dict() for error in validate_openssl_files(str(host), options, unreadable)]


def clickhouse_repository_errors(found, host, wanted):
    return [error.as_dict() for error in validate_repository(str(host), Wanted(**wanted), found)]


class FilterModule:
    def filters(self):
        return {
            "clickhouse_installation": clickhouse_installation,
            "clickhouse_file_errors": clickhouse_file_errors,
            "clickhouse_openssl_errors": clickhouse_openssl_errors,
            "clickhouse_openssl_files": clickhouse_openssl_files,
            "clickhouse_repository_errors": clickhouse_repository_errors,
        }
