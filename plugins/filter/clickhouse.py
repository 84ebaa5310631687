# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the role clickhouse."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.access import validate_access
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.extra import validate_extra
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import config_root
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.networks import network_pattern
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.validate import validate_cluster
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.xml import to_xml


def clickhouse_access_errors(users, host, passwords, networks):
    return [error.as_dict() for error in validate_access(str(host), users, passwords, networks)]


def clickhouse_config_root(version):
    try:
        return config_root(version)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


def clickhouse_extra_errors(config, users, host, names, cluster, allow_open_users=False):
    errors = validate_extra(str(host), config, users, names, str(cluster), boolean(allow_open_users))
    return [error.as_dict() for error in errors]


def clickhouse_network(text):
    return network_pattern(str(text))


def clickhouse_peers(replicas, host):
    shards = {replica["shard"] for replica in replicas if replica["host"] == host}
    return [
        {"host": replica["name"], "port": replica["http_port"], "name": replica["host"]}
        for replica in replicas
        if replica["shard"] in shards and replica["host"] != host
    ]


def clickhouse_layout_replicas(replicas, hostvars=None, registered="__clickhouse_health"):
    """The replicas of the topology model as the module clickhouse_layout takes them.

    hostvars: with what clickhouse_health returned; a server that did not answer it is not asked again.
    """
    results = {host: hostvars[host].get(registered) for host in hostvars or ()}
    return [
        {
            "name": replica["host"],
            "host": replica["name"],
            "port": replica["http_port"],
            "shard": replica["shard"],
            "replica": replica["replica"],
            "aliases": [replica["ip"]] if replica["ip"] else [],
            "down": replica["host"] in results and not _answered(results[replica["host"]]),
        }
        for replica in replicas
    ]


def _answered(result):
    return any(row.get("error") is None for row in (result or {}).get("replicas") or ())


def clickhouse_validation_errors(
    cluster, hostvars, registered, zookeeper_root, ddl_path, adopt=False, allow_shard_changes=False
):
    hosts = [replica["host"] for replica in cluster["replicas"]]
    results = {host: hostvars[host].get(registered) if host in hostvars else None for host in hosts}
    errors = validate_cluster(
        cluster, results, str(zookeeper_root), str(ddl_path), boolean(adopt), boolean(allow_shard_changes)
    )
    return [error.as_dict() for error in errors]


def clickhouse_xml(content, root):
    try:
        return to_xml(root, content)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self):
        return {
            "clickhouse_access_errors": clickhouse_access_errors,
            "clickhouse_config_root": clickhouse_config_root,
            "clickhouse_extra_errors": clickhouse_extra_errors,
            "clickhouse_layout_replicas": clickhouse_layout_replicas,
            "clickhouse_network": clickhouse_network,
            "clickhouse_peers": clickhouse_peers,
            "clickhouse_validation_errors": clickhouse_validation_errors,
            "clickhouse_xml": clickhouse_xml,
        }
