# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The named settings of an inventory as fragments of config.d, and what is wrong with them. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..findings import Finding, validation_error
from .backups import backups_element, declared_disks, validate_backups
from .cluster_settings import validate_cluster_settings
from .clusters.extra import VARIABLE as CLUSTERS
from .compression import compression_element, validate_compression
from .features import has, is_version, validate_features
from .macros import VARIABLE as MACROS
from .macros import validate_macros
from .merge_tree import unknown_names
from .named_collections import collections_element, validate_collections
from .openssl import FRAGMENT as OPENSSL
from .openssl import PORTS as SECURE_PORTS
from .openssl import VARIABLE as CERTIFICATES
from .openssl import openssl_values, secure_elements, validate_openssl
from .settings import FRAGMENTS, SECTIONS, WRITTEN, Setting
from .storage import validate_storage
from .system_logs import log_elements, validate_logs
from .xml import to_xml
from .zookeeper_client import REFUSED, validate_client
from .zookeeper_client import VARIABLE as CLIENT

Variables = Mapping[str, Any]
MERGE_TREE, LOGS, STORAGE = "clickhouse_merge_tree", "clickhouse_system_logs", "clickhouse_storage"
COMPRESSION, BACKUPS = "clickhouse_compression", "clickhouse_backups"
COLLECTIONS = "clickhouse_named_collections"
# Sections of which a server takes over every element, if it takes over their fragment.
WHOLE_SECTIONS = ("macros", "remote_servers")
PORTS = ("clickhouse_http_port", "clickhouse_tcp_port", "clickhouse_interserver_port", *SECURE_PORTS)
OTHERS = "Any other element of config.xml may be in clickhouse_extra_config."


def named_settings(variables: Variables) -> Iterator[tuple[str, str, Any, Setting | None, str]]:
    """(variable, key, value, setting or None for an unknown key, path of the element) for each that is set."""
    for variable, (section, table) in SECTIONS.items():
        for key, value in (variables.get(variable) or {}).items():
            setting = table.get(key)
            path = (setting.path if setting else "") or str(key)
            if value is not None:
                yield variable, str(key), value, setting, f"{section}/{path}".lstrip("/")


def build_fragments(variables: Variables, version: str) -> dict[str, dict[str, Any]]:
    """The content of the root element of each fragment with named settings, by the name of the fragment."""
    fragments: dict[str, dict[str, Any]] = {}
    for path, value in (("logger/level", variables.get("clickhouse_log_level")), *_queue(variables, version)):
        if value is not None:
            _put(fragments.setdefault(path.partition("/")[0], {}), path, value)
    for _variable, path, value in _credentials(variables):
        _put(fragments.setdefault("interserver_credentials", {}), path, value)
    for _variable, _key, value, setting, path in named_settings(variables):
        if setting and setting.kind != WRITTEN:
            _put(fragments.setdefault(setting.fragment, {}), path, value)
    for path, value in openssl_values(variables.get(CERTIFICATES) or {}):
        _put(fragments.setdefault(OPENSSL, {}), path, value)
    if variables.get(MERGE_TREE):
        fragments["merge_tree"] = {"merge_tree": dict(variables[MERGE_TREE])}
    if variables.get(LOGS):
        fragments["system_logs"] = log_elements(variables[LOGS])
    if variables.get(STORAGE):
        fragments["storage"] = {"storage_configuration": dict(variables[STORAGE])}
    if variables.get(COMPRESSION):
        fragments["compression"] = compression_element(variables[COMPRESSION])
    if variables.get(BACKUPS):
        fragments["backups"] = backups_element(variables[BACKUPS])
    if variables.get(COLLECTIONS):
        fragments["named_collections"] = collections_element(variables[COLLECTIONS])
    return fragments


def _queue(variables: Variables, version: str) -> Iterator[tuple[str, Any]]:
    """The queue of ON CLUSTER statements. Where its hosts register is beside it, as health checks expect."""
    path = variables.get("clickhouse_ddl_path")
    yield "distributed_ddl/path", path
    if path and has(version, "ddl_replicas_path"):
        yield "distributed_ddl/replicas_path", f"{str(path).rstrip('/').rpartition('/')[0]}/replicas"


def _credentials(variables: Variables) -> Iterator[tuple[str, str, Any]]:
    """(variable, path, value) of the login with which replicas fetch parts from each other."""
    for name in ("user", "password"):
        value = variables.get(f"clickhouse_interserver_{name}")
        if value:
            yield f"clickhouse_interserver_{name}", f"interserver_http_credentials/{name}", value


def _put(content: dict[str, Any], path: str, value: Any) -> None:
    *above, name = path.split("/")
    for step in above:
        content = content.setdefault(step, {})
    content[name] = value


def elements_of(variables: Variables) -> dict[str, str]:
    """The variable that sets each element, by its path: for what is set only."""
    named = {path: variable for variable, _key, _value, setting, path in named_settings(variables) if setting}
    return {
        **named,
        **{path: variable for variable, path, _value in _credentials(variables)},
        **{f"merge_tree/{name}": MERGE_TREE for name in variables.get(MERGE_TREE) or ()},
        **dict.fromkeys(variables.get(LOGS) or (), LOGS),
        **{f"storage_configuration/{path}": STORAGE for path in _stored(variables.get(STORAGE) or {})},
        **({"compression": COMPRESSION} if variables.get(COMPRESSION) else {}),
        **{f"backups/{key}": BACKUPS for key in variables.get(BACKUPS) or ()},
        **{f"named_collections/{name}": COLLECTIONS for name in variables.get(COLLECTIONS) or ()},
        **secure_elements(variables),
        **{f"macros/{name}": MACROS for name in variables.get(MACROS) or ()},
        **{f"remote_servers/{name}": CLUSTERS for name in variables.get(CLUSTERS) or ()},
    }


def _stored(storage: Mapping[str, Any]) -> Iterator[str]:
    """The disks and policies, each as one element."""
    for kind, items in storage.items():
        if isinstance(items, Mapping):
            yield from (f"{kind}/{name}" for name in items)


def restart_fragments(version: str) -> list[str]:
    """Fragments whose change a server of this version reads only when it starts."""
    return [name for name, feature in FRAGMENTS.items() if feature is None or (feature and not has(version, feature))]


def reload_elements(version: str) -> list[str]:
    """Patterns of paths of elements whose change a server of this version takes over without a restart.

    What is unknown is not among them.
    """
    sections = [section for section in WHOLE_SECTIONS if section not in restart_fragments(version)]
    late = set(restart_fragments(version))
    paths = [
        f"{section}/{setting.path or key}".lstrip("/")
        for section, table in SECTIONS.values()
        for key, setting in table.items()
        if setting.fragment not in late
    ]
    return [*(f"{section}/*" for section in sections), *paths]


def validate_settings(host: str, version: str, variables: Variables, shards: Sequence[str] = ()) -> list[Finding]:
    """Validation errors for named settings. A version that is none is validated elsewhere. shards: names of all."""
    errors, used = [], []
    for variable, key, value, setting, _path in named_settings(variables):
        if variable == CLIENT and key in REFUSED:
            continue
        if setting is None:
            errors.append(_unknown(host, variable, key))
        elif expected := setting.problem(value):
            errors.append(validation_error(variable, host, f"{key}: {value}", expected))
        elif setting.feature:
            used.append((variable, key, setting.feature))
    errors += [*_validate_prometheus(host, variables), *_validate_merge_tree(host, variables.get(MERGE_TREE) or {})]
    errors += validate_client(host, variables.get(CLIENT) or {}, variables.get("zookeeper_hosts") or ())
    errors += validate_openssl(host, variables)
    errors += validate_macros(host, variables.get(MACROS) or {}, variables.get("clickhouse_metadata") or {})
    if is_version(version):
        errors += validate_features(host, version, used)
        unknown = unknown_names(version, variables.get(MERGE_TREE) or {})
        errors += [validation_error(MERGE_TREE, host, found, expected) for found, expected in unknown]
        errors += validate_logs(host, version, variables.get(LOGS) or {})
        storage, extra = variables.get(STORAGE) or {}, variables.get("clickhouse_extra_config") or {}
        errors += validate_storage(host, version, storage)
        errors += validate_compression(host, version, variables.get(COMPRESSION) or [])
        disks = declared_disks(storage, extra.get("storage_configuration"))
        errors += validate_backups(host, version, variables.get(BACKUPS) or {}, disks)
        errors += validate_collections(host, version, variables.get(COLLECTIONS) or {})
        errors += validate_cluster_settings(host, version, variables, shards)
    return errors


def _validate_prometheus(host: str, variables: Variables) -> Iterator[Finding]:
    options = variables.get("clickhouse_prometheus") or {}
    port = options.get("port")
    if options and port is None:
        yield validation_error("clickhouse_prometheus", host, "no port", "the key port, such as {port: 9363}")
    for variable in PORTS:
        if port is not None and str(port) == str(variables.get(variable)):
            found = f"port: {port}, which is {variable}"
            yield validation_error("clickhouse_prometheus", host, found, "a port of its own")


def _validate_merge_tree(host: str, settings: Mapping[str, Any]) -> Iterator[Finding]:
    for name, value in settings.items():
        if not isinstance(value, (str, int, float)):
            yield validation_error(MERGE_TREE, host, f"{name}: {value}", "text, a number, true or false")
    try:
        to_xml("merge_tree", {name: value for name, value in settings.items() if not isinstance(value, (dict, list))})
    except ValueError as error:
        yield validation_error(MERGE_TREE, host, error)


def _unknown(host: str, variable: str, key: str) -> Finding:
    known = SECTIONS[variable][1]
    similar = difflib.get_close_matches(key, known, 1)
    expected = f"{similar[0]}, which is similar" if similar else f"one of {', '.join(known)}"
    return validation_error(variable, host, f"unknown key {key}", expected, OTHERS)
