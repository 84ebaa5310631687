# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the role clickhouse."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.access import validate_access
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.batches import restart_batches
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.clusters.extra import (
    Login,
    extra_elements,
    extra_endpoints,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.clusters.validate import (
    validate_extra_clusters,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.extra import validate_extra
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import config_root, is_version
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.growth import (
    find_new,
    hidden_from,
    joined,
    remote_servers,
    sources,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.load_checks import load_checks
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.networks import network_pattern
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.schema_files import load_schema
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.server_settings import (
    build_fragments,
    elements_of,
    reload_elements,
    restart_fragments,
    validate_settings,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.space import local_directories, validate_space
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.validate import validate_cluster
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.xml import elements_to_xml, to_xml
from ansible_collections.zoohouse.cluster.plugins.module_utils.role_options import convert


def clickhouse_access_errors(users, host, passwords, networks):
    return [error.as_dict() for error in validate_access(str(host), users, passwords, networks)]


def clickhouse_config_root(version):
    try:
        return config_root(version)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


def clickhouse_directories(paths):
    """The directories of clickhouse_paths, as config_tree creates them."""
    attributes = {"owner": "clickhouse", "group": "clickhouse", "mode": "0750", "parents": False}
    return [{"path": str(path), **attributes} for path in paths.values() if path]


def clickhouse_extra_errors(config, users, host, names, cluster, allow_open_users=False, elements=None, version=""):
    """Validation errors for what the role sets already, what no server could read, and names that are mistakes."""
    open_users = boolean(allow_open_users)
    errors = validate_extra(str(host), config, users, names, str(cluster), open_users, elements or {}, str(version))
    return [error.as_dict() for error in errors]


def clickhouse_extra_clusters(clusters, cluster, growth, host, login):
    """The elements of the extra clusters, and their shards in the form of the topology model."""
    elements = extra_elements(clusters, cluster, hidden_from(growth, str(host)), Login(**login))
    return {"elements": elements, "clusters": extra_endpoints(elements)}


def clickhouse_extra_clusters_errors(clusters, host, version, cluster, discovered=""):
    errors = validate_extra_clusters(str(host), str(version), clusters, cluster, str(discovered))
    return [error.as_dict() for error in errors]


def clickhouse_growth(cluster, hostvars, registered, has_joined=False):
    """Which replicas are new. has_joined: those that join in this run have done so."""
    found = find_new(cluster, _results(cluster, hostvars, registered))
    return {**(joined(found) if boolean(has_joined) else found), "sources": sources(cluster, found)}


def clickhouse_load_checks(extra_config, merge_tree):
    return list(load_checks(extra_config, merge_tree))


def clickhouse_local_directories(paths, storage, extra):
    return local_directories(paths, storage, extra)


def clickhouse_network(text):
    return network_pattern(str(text))


def clickhouse_server_settings(variables, host, version, shards=None):
    """Everything about the named settings of a server that tasks and templates need."""
    known = is_version(version)
    errors = [error.as_dict() for error in validate_settings(str(host), version, variables, shards or ())]
    return {
        "errors": errors,
        "elements": elements_of(variables),
        "fragments": build_fragments(variables, version) if known and not errors else {},
    }


def clickhouse_restart_fragments(version):
    return restart_fragments(version) if is_version(version) else []


def clickhouse_reload_elements(version):
    return reload_elements(version) if is_version(version) else []


def clickhouse_peers(replicas, host=""):
    """The other replicas of a host's shard; all replicas without a host."""
    shards = {replica["shard"] for replica in replicas if replica["host"] == host}
    return [
        {"host": replica["name"], "port": replica["http_port"], "name": replica["host"]}
        for replica in replicas
        if not host or (replica["shard"] in shards and replica["host"] != host)
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


def clickhouse_remote_servers(cluster, growth, host):
    return remote_servers(cluster, growth, str(host))


def clickhouse_schema_options(schema, databases, host, cluster, directory):
    """The options of the module clickhouse_schema, and validation errors."""
    options, errors = load_schema(str(host), databases, schema, str(cluster), str(directory))
    return {**options, "errors": [error.as_dict() for error in errors]}


def clickhouse_space_errors(space, host, minimum_mb):
    return [error.as_dict() for error in validate_space(str(host), space, minimum_mb)]


def _results(cluster, hostvars, registered):
    """What each replica has registered; None for a host that is not in this run."""
    hosts = [replica["host"] for replica in cluster["replicas"]]
    return {host: hostvars[host].get(registered) if host in hostvars else None for host in hosts}


def _dicts(cluster, hostvars, name):
    """A role variable of each replica that is a dict."""
    return {host: convert(value, {"type": "dict"}) for host, value in _results(cluster, hostvars, name).items()}


def clickhouse_restart_batches(replicas, parallel):
    return restart_batches(replicas, int(parallel))


def clickhouse_validation_errors(
    cluster,
    hostvars,
    registered,
    zookeeper_root,
    ddl_path,
    adopt=False,
    allow_shard_changes=False,
    ensemble=None,
    extra_clusters=None,
):
    results = _results(cluster, hostvars, registered)
    paths, macros = (_dicts(cluster, hostvars, name) for name in ("clickhouse_paths", "clickhouse_macros"))
    all_macros = {host: {**own, **macros.get(host, {})} for host, own in cluster["macros"].items()}
    errors = validate_cluster(
        {**cluster, "macros": all_macros},
        results,
        str(zookeeper_root),
        str(ddl_path),
        boolean(adopt),
        boolean(allow_shard_changes),
        {host: str(path.get("data") or "") for host, path in paths.items()},
        ensemble,
        extra_endpoints(extra_elements(extra_clusters or {}, cluster, (), Login("", ""))),
    )
    return [error.as_dict() for error in errors]


def clickhouse_xml(content, root):
    try:
        return to_xml(root, content)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


def clickhouse_xml_elements(content, depth):
    try:
        return elements_to_xml(content, depth)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self):
        return {
            "clickhouse_access_errors": clickhouse_access_errors,
            "clickhouse_config_root": clickhouse_config_root,
            "clickhouse_directories": clickhouse_directories,
            "clickhouse_extra_clusters": clickhouse_extra_clusters,
            "clickhouse_extra_clusters_errors": clickhouse_extra_clusters_errors,
            "clickhouse_extra_errors": clickhouse_extra_errors,
            "clickhouse_growth": clickhouse_growth,
            "clickhouse_layout_replicas": clickhouse_layout_replicas,
            "clickhouse_load_checks": clickhouse_load_checks,
            "clickhouse_local_directories": clickhouse_local_directories,
            "clickhouse_network": clickhouse_network,
            "clickhouse_peers": clickhouse_peers,
            "clickhouse_remote_servers": clickhouse_remote_servers,
            "clickhouse_restart_batches": clickhouse_restart_batches,
            "clickhouse_reload_elements": clickhouse_reload_elements,
            "clickhouse_restart_fragments": clickhouse_restart_fragments,
            "clickhouse_schema_options": clickhouse_schema_options,
            "clickhouse_server_settings": clickhouse_server_settings,
            "clickhouse_space_errors": clickhouse_space_errors,
            "clickhouse_validation_errors": clickhouse_validation_errors,
            "clickhouse_xml": clickhouse_xml,
            "clickhouse_xml_elements": clickhouse_xml_elements,
        }
