# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the role zookeeper: deployed state, bootstrap, heap and zoo.cfg."""

from __future__ import annotations

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.bootstrap import check_bootstrap
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.client_port import (
    moving_members,
    validate_clients,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.heap import heap_mb
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import endpoints
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.validate import validate_members
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.zoo_cfg import validate_zoo_cfg, zoo_cfg_value


def zookeeper_bootstrap(members, hostvars, registered, force=False):
    results = _results(members, hostvars, registered)
    ids = {member["host"]: member["id"] for member in members}
    allowed, errors = check_bootstrap(results, ids, boolean(force))
    # Hosts without the record; the same for all hosts of a run, so that a task can run once for all of them.
    unrecorded = [host for host, result in results.items() if result and not result.get("bootstrapped", True)]
    return {
        "allowed": allowed,
        "unrecorded": unrecorded,
        "validation_errors": [error.as_dict() for error in errors],
    }


def zookeeper_validation_errors(members, hostvars, registered, adopt=False):
    errors = validate_members(members, _results(members, hostvars, registered), boolean(adopt))
    return [error.as_dict() for error in errors]


def zookeeper_moving_members(members, hostvars, registered):
    return moving_members(members, _results(members, hostvars, registered))


def zookeeper_client_errors(members, results):
    errors = validate_clients(members, {result["item"]: result for result in results})
    return [error.as_dict() for error in errors]


# Where report*.yml of the roles register what members answered.
REGISTERED = ("__zookeeper_health", "__clickhouse_ensemble")


def zookeeper_serving_endpoints(model, hostvars):
    ensemble = model["ensemble"]
    # Where somebody else runs the members, replicas have asked them.
    hosts = ensemble["members"] or model["cluster"]["replicas"]
    results = [result for name in REGISTERED for result in _results(hosts, hostvars, name).values() if result]
    serving = {row["host"] for result in results for row in result.get("members") or () if row["mode"]}
    # A member that nobody asked may serve as well as any other.
    places = zip(ensemble["endpoints"], endpoints(ensemble["endpoints"]))
    return [text for text, (host, _port) in places if host in serving or not serving]


def _results(members, hostvars, registered):
    hosts = [member["host"] for member in members]
    return {host: hostvars[host].get(registered) if host in hostvars else None for host in hosts}


def zookeeper_heap_mb(memory_mb, fraction, min_mb, max_mb):
    return heap_mb(int(memory_mb), float(fraction), int(min_mb), int(max_mb))


def zoo_cfg_validation_errors(settings, version, host, allow_unsafe=None):
    errors = validate_zoo_cfg(settings, str(version), str(host), list(allow_unsafe or []))
    return [error.as_dict() for error in errors]


class FilterModule:
    def filters(self):
        return {
            "zoo_cfg_validation_errors": zoo_cfg_validation_errors,
            "zoo_cfg_value": zoo_cfg_value,
            "zookeeper_bootstrap": zookeeper_bootstrap,
            "zookeeper_heap_mb": zookeeper_heap_mb,
            "zookeeper_client_errors": zookeeper_client_errors,
            "zookeeper_moving_members": zookeeper_moving_members,
            "zookeeper_serving_endpoints": zookeeper_serving_endpoints,
            "zookeeper_validation_errors": zookeeper_validation_errors,
        }
