# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Validates what the variables ask for: what the version has, the paths, the key and the second ensembles. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...findings import Finding, validation_error
from ...topology.external import NODES
from ..extra import validate_taken
from ..features import parse_version, validate_features
from ..zookeeper_client import KEEPER_ONLY as CLIENT_KEEPER_ONLY
from .stores import STORES, absolute, chosen_paths, overlaps, validate_overlaps
from .wanted import ALGORITHMS, Wanted

VARIABLE = "clickhouse_metadata"
KEY = "clickhouse_named_collections_key"
AUXILIARY = "clickhouse_auxiliary_zookeepers"
# Below the chroot: the schema and the shared configuration. Below the root: the registry and the locks of all clusters.
OWN = "/zoohouse"
# A colon would name another ensemble, and braces a macro, which these settings do not know.
PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[^/:{}\x00-\x1f\x7f]+)+")
# The name becomes an element, and comes before the colon of a path.
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
# A server stops at another default engine of new databases.
DATABASE_ENGINES = ("Atomic", "Ordinary")
# Elements of extra configuration and settings of profiles that need ClickHouse Keeper, and why.
KEEPER_ONLY = {f"zookeeper/{key}": reason for key, reason in CLIENT_KEEPER_ONLY.items()}
KAFKA = "it creates znodes with a request that ZooKeeper does not have"
KEEPER_ONLY_SETTINGS = {
    "allow_experimental_kafka_offsets_storage_in_keeper": KAFKA,
    "allow_kafka_offsets_storage_in_keeper": KAFKA,
    "s3queue_default_zookeeper_path": "the engine S3Queue fails with ZooKeeper (ClickHouse issue 70376)",
}


def validate_metadata(
    host: str,
    wanted: Wanted,
    extra_config: Mapping[str, Any],
    extra_users: Mapping[str, Any],
    profiles: Mapping[str, Any],
) -> Iterator[Finding]:
    """The values of clickhouse_extra_config, clickhouse_extra_users and clickhouse_profiles."""
    yield from _validate_keeper_only(host, extra_config)
    for variable, path, settings in _profile_settings(extra_users, profiles):
        yield from _validate_settings(host, variable, path, settings)
    wrong = {key: options for key, options in wanted.stores.items() if not isinstance(options, Mapping)}
    for key in wrong:
        expected = f"{{}} for the path {STORES[key].path}, or a dict" if key in STORES else "a dict"
        yield validation_error(f"{VARIABLE}.{key}", host, wrong[key], expected)
    unknown = [key for key in wanted.stores if key not in STORES]
    for key in unknown:
        yield validation_error(VARIABLE, host, key, f"one of {', '.join(STORES)}")
    if wrong or unknown:
        return
    used = [(f"{VARIABLE}.{key}", "in use", STORES[key].feature) for key in wanted.stores]
    if "named_collections" in wanted.stores and not wanted.is_plain:
        used.append((f"{VARIABLE}.named_collections.storage", "encrypted", "collections_encrypted"))
    if wanted.auxiliary:
        used.append((AUXILIARY, "in use", "auxiliary_zookeepers"))
    if any(address["secure"] for address in wanted.addresses):
        used.append((NODES, "secure", "zookeeper_secure"))
    if _is_version(wanted.version):
        yield from validate_features(host, wanted.version, used)
    yield from _validate_paths(host, wanted)
    yield from _validate_key(host, wanted)
    for name, options in wanted.auxiliary.items():
        yield from _validate_ensemble(host, name, options)
    yield from _validate_own_ensemble(host, wanted)
    if "discovery" in wanted.stores and (wanted.discovered == wanted.cluster or not NAME.fullmatch(wanted.discovered)):
        expected = f"a name of letters, digits, '_' and '-' other than {wanted.cluster}, which the inventory describes"
        yield validation_error(f"{VARIABLE}.discovery.cluster", host, wanted.discovered, expected)
    yield from validate_taken(host, extra_config, elements_of(wanted))


def elements_of(wanted: Wanted) -> dict[str, str]:
    """The variable that sets each element, by its path."""
    taken = {
        setting.replace("<cluster>", wanted.discovered): f"{VARIABLE}.{key}"
        for key in wanted.stores
        if key in STORES
        for setting in STORES[key].settings
    }
    return {**taken, **{f"auxiliary_zookeepers/{name}": AUXILIARY for name in wanted.auxiliary}}


def _validate_keeper_only(host: str, extra_config: Mapping[str, Any]) -> Iterator[Finding]:
    """What needs ClickHouse Keeper. A value that turns it off is accepted."""
    for path, reason in KEEPER_ONLY.items():
        section, _slash, name = path.partition("/")
        if _is_on(_mapping(extra_config.get(section)).get(name)):
            yield validation_error("clickhouse_extra_config", host, f"{path} needs ClickHouse Keeper: {reason}")


def _profile_settings(
    extra_users: Mapping[str, Any], profiles: Mapping[str, Any]
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """The variable, the path in it and the settings of each profile."""
    for name, settings in _mapping(extra_users.get("profiles")).items():
        yield "clickhouse_extra_users", f"profiles/{name}", _mapping(settings)
    for name, profile in profiles.items():
        yield "clickhouse_profiles", f"{name}/settings", _mapping(_mapping(profile).get("settings"))


def _validate_settings(host: str, variable: str, path: str, settings: Mapping[str, Any]) -> Iterator[Finding]:
    for name, reason in KEEPER_ONLY_SETTINGS.items():
        if _is_on(settings.get(name)):
            yield validation_error(variable, host, f"{path}/{name} needs ClickHouse Keeper: {reason}")
    engine = settings.get("default_database_engine")
    if engine not in (None, *DATABASE_ENGINES):
        hint = "Name the engine in the statement: CREATE DATABASE ... ENGINE = Replicated(...)."
        found = f"{path}/default_database_engine: {engine}"
        yield validation_error(variable, host, found, " or ".join(DATABASE_ENGINES), hint)


def _is_version(text: str) -> bool:
    """Another text is a validation error of the installation."""
    try:
        return bool(parse_version(text))
    except ValueError:
        return False


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_on(value: Any) -> bool:
    return str(value).strip().lower() not in ("none", "", "0", "false", "no", "off")


def _validate_paths(host: str, wanted: Wanted) -> Iterator[Finding]:
    if f"{absolute(wanted.root, '')}/".startswith(f"{OWN}/"):
        expected = f"a path outside {OWN}, where the registry and the locks of all clusters are"
        yield validation_error("clickhouse_zookeeper_root", host, wanted.root, expected)
    paths = chosen_paths(wanted.stores)
    for key, path in paths.items():
        if not PATH.fullmatch(path):
            expected = f"an absolute path below the chroot, such as {STORES[key].path}, without macros"
            yield validation_error(f"{VARIABLE}.{key}.path", host, path, expected)
    local = wanted.stores.get("access", {}).get("local_path")
    if local and not str(local).startswith("/"):
        expected = "the absolute path of a directory, such as /var/lib/clickhouse/access/"
        yield validation_error(f"{VARIABLE}.access.local_path", host, local, expected)
    valid = {f"{VARIABLE}.{key}": path for key, path in paths.items() if PATH.fullmatch(path)}
    named = {"clickhouse_ddl_path": wanted.ddl_path, **valid, "the znodes of the role": OWN}
    cluster = {name: absolute(wanted.root, path) for name, path in named.items()}
    yield from validate_overlaps(host, {wanted.cluster: cluster})


def _validate_key(host: str, wanted: Wanted) -> Iterator[Finding]:
    """A key exactly where one is used. Its text is in no message."""
    key, needed = wanted.collections_key, "named_collections" in wanted.stores and not wanted.is_plain
    lengths = " or ".join(f"{length} ({name})" for length, name in ALGORITHMS.items())
    expected = f"hexadecimal digits: {lengths}"
    if needed and not key:
        choice = f"{VARIABLE}.named_collections.storage: plain"
        hint = f"Set it in Ansible Vault, or choose {choice}, which stores secrets in clear."
        yield validation_error(KEY, host, "nothing", expected, hint)
    elif needed and (len(key) not in ALGORITHMS or not re.fullmatch("[0-9A-Fa-f]+", key)):
        yield validation_error(KEY, host, f"a text of {len(key)} characters", expected)
    elif key and not needed:
        found = f"a key, but {VARIABLE} does not store encrypted named collections"
        yield validation_error(KEY, host, found, "no key, or encrypted named collections")


def _validate_ensemble(host: str, name: str, options: Mapping[str, Any]) -> Iterator[Finding]:
    if not NAME.fullmatch(str(name)) or name == "default":
        expected = "a name of letters, digits, '_' and '-' other than default, the ensemble of the cluster"
        yield validation_error(AUXILIARY, host, name, expected)
        return
    variable = f"{AUXILIARY}.{name}"
    options = _mapping(options)
    if unknown := sorted(set(options) - {"nodes", "root", "session_timeout_ms"}):
        yield validation_error(variable, host, ", ".join(unknown), "nodes, root and session_timeout_ms")
    nodes = options.get("nodes")
    if not isinstance(nodes, (list, tuple)) or not nodes or not all(_is_node(node) for node in nodes):
        example = "{host: zk1.example.com, port: 2181}"
        yield validation_error(f"{variable}.nodes", host, nodes, f"a list of members such as {example}")
    root = options.get("root")
    if root and not PATH.fullmatch(str(root)):
        yield validation_error(f"{variable}.root", host, root, "an absolute path such as /clickhouse/main")
    timeout = options.get("session_timeout_ms")
    if timeout is not None and not (str(timeout).isdigit() and int(timeout)):
        yield validation_error(f"{variable}.session_timeout_ms", host, timeout, "a number of milliseconds")


def _validate_own_ensemble(host: str, wanted: Wanted) -> Iterator[Finding]:
    """A second ensemble may be the cluster's own one, with the chroot of another cluster, but not with its own."""
    own = {f"{address['host']}:{address['port']}" for address in wanted.addresses}
    for name, options in wanted.auxiliary.items():
        nodes = _mapping(options).get("nodes") or ()
        endpoints = {f"{node.get('host')}:{node.get('port', 2181)}" for node in nodes if isinstance(node, Mapping)}
        root = str(_mapping(options).get("root") or "/")
        roots = {"clickhouse_zookeeper_root": absolute(wanted.root, ""), f"{AUXILIARY}.{name}.root": absolute(root, "")}
        if endpoints & own and any(overlaps({wanted.cluster: roots})):
            found = f"{root} in the ensemble of the cluster, whose chroot is {wanted.root}"
            hint = "Tables would be in the chroot under a second name, where the layout check takes them for orphans."
            yield validation_error(f"{AUXILIARY}.{name}.root", host, found, "another chroot or another ensemble", hint)


def _is_node(node: Any) -> bool:
    if not isinstance(node, Mapping) or set(node) - {"host", "port", "secure"}:
        return False
    return (
        bool(str(node.get("host") or "").strip())
        and str(node.get("port", 2181)).isdigit()
        and 0 < int(node.get("port", 2181)) < 65536
    )
