# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Validates clickhouse_extra_config and clickhouse_extra_users: they set only what the role does not set. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..findings import Finding, validation_error
from .element_names import misspelt
from .merge_tree import unknown_names
from .networks import network_pattern
from .xml import to_xml

# Elements that the role writes or relies on, and the variable that sets each; empty where none does.
CONFIG = {
    "distributed_ddl/path": "clickhouse_ddl_path",
    "distributed_ddl/replicas_path": "clickhouse_distributed_ddl",
    "http_port": "clickhouse_http_port",
    "interserver_http_host": "clickhouse_address",
    "interserver_http_port": "clickhouse_interserver_port",
    "listen_host": "clickhouse_address",
    "logger/level": "clickhouse_log_level",
    "macros/cluster": "topology_cluster",
    "macros/replica": "clickhouse_replica",
    "macros/shard": "clickhouse_shard",
    "path": "clickhouse_paths",
    "tcp_port": "clickhouse_tcp_port",
    # The role writes its users beside users.xml.
    "users_config": "",
    "zookeeper/node": "zookeeper_client_port",
    "zookeeper/root": "clickhouse_zookeeper_root",
    "zookeeper/session_timeout_ms": "clickhouse_zookeeper_session_timeout_ms",
}
USERS = {"users/default/networks": ""}
# With one of these a user proves who it is, unless it is an empty password.
PROOFS = (
    "auth_methods",
    "http_authentication",
    "kerberos",
    "ldap",
    "password",
    "password_double_sha1_hex",
    "password_sha256_hex",
    "password_scram_sha256_hex",
    "ssh_keys",
    "ssl_certificates",
)
# What takes elements away that earlier fragments set, or brings elements that cannot be validated here.
MERGES = ("@from_zk", "@incl", "@remove", "@replace", "include")


def validate_extra(
    host: str,
    config: Mapping[str, Any],
    users: Mapping[str, Any],
    names: Mapping[str, str],
    cluster: str,
    allow_open_users: bool = False,
    elements: Mapping[str, str] | None = None,
    version: str = "",
) -> Iterator[Finding]:
    """names: the users of the role, by variable. cluster: name in remote_servers.

    elements: what variables set that are unset by default: the variable by the path of the element.
    version: that is wanted; without one, no names are validated.
    """
    of_config = {**CONFIG, **(elements or {}), f"remote_servers/{cluster}": ""}
    of_users = {**USERS, **{f"users/{name}": variable for variable, name in names.items()}}
    for variable, content, taken in (
        ("clickhouse_extra_config", config, of_config),
        ("clickhouse_extra_users", users, of_users),
    ):
        try:
            to_xml("clickhouse", content)
        except ValueError as error:
            yield validation_error(variable, host, error)
            continue
        for problem in _conflicts(content, taken, ""):
            yield validation_error(variable, host, problem)
        for path in _lost_sections(content, ""):
            found = f"{path}: @from_zk together with @replace or @remove"
            hint = "While the znode is absent, the section would be deleted (ClickHouse issue 9547)."
            yield validation_error(variable, host, found, "the variable clickhouse_shared_config", hint)
        if variable == "clickhouse_extra_config":
            yield from _validate_names(host, content, version)
        if variable == "clickhouse_extra_users":
            for path, network, pattern in _networks(content):
                expected = pattern or "an address or a network such as 10.0.0.0/255.0.0.0"
                yield validation_error(variable, host, f"{path}: {network}", expected)
            others = () if allow_open_users else _open_users(content)
            for name in (name for name in others if f"users/{name}" not in taken):
                found = f"the user {name} without a password may log in from every network"
                hint = "To accept it, set clickhouse_allow_open_users=true."
                yield validation_error(variable, host, found, "a password, or networks", hint)


def _validate_names(host: str, config: Mapping[str, Any], version: str) -> Iterator[Finding]:
    for name, similar in misspelt(version, config):
        found, hint = f"unknown element {name}", "Servers ignore an element that they do not know."
        yield validation_error("clickhouse_extra_config", host, found, f"{similar}, which is similar", hint)
    for found, expected in unknown_names(version, _mapping(config.get("merge_tree"))):
        yield validation_error("clickhouse_extra_config", host, f"merge_tree: {found}", expected)


def _lost_sections(content: Mapping[str, Any], path: str) -> Iterator[str]:
    """Elements of the configuration that a znode replaces, also when it is absent."""
    if "@from_zk" in content and content.keys() & {"@replace", "@remove"}:
        yield path or "the whole"
    for name, value in content.items():
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(item, Mapping):
                yield from _lost_sections(item, f"{path}/{name}".lstrip("/"))


def _open_users(content: Mapping[str, Any]) -> Iterator[str]:
    """Users that need no password, from every network. A user without networks may log in from all of them."""
    for name, user in _mapping(content.get("users")).items():
        # The role sets the networks of the user default.
        if isinstance(user, Mapping) and name != "default" and "@remove" not in user:
            networks = [network_pattern(str(value)) for value in _addresses(user)]
            everywhere = "networks" not in user or any(item.endswith(("/0", "/0.0.0.0")) for item in networks)
            if everywhere and not any(user.get(proof) for proof in PROOFS):
                yield name


def _addresses(user: Any) -> list[Any]:
    values = _mapping(_mapping(user).get("networks")).get("ip", [])
    return list(values) if isinstance(values, (list, tuple)) else [values]


def _networks(content: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """Path and text of each network in another form than every version understands, and in that form."""
    for name, user in _mapping(content.get("users")).items():
        for value in _addresses(user):
            pattern = network_pattern(str(value))
            # Of the same network, 18.16 reads the form with a prefix length as everybody.
            if not pattern or ("." in pattern and "/" in pattern and str(value).strip() != pattern):
                yield f"users/{name}/networks/ip", value, pattern


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _conflicts(content: Mapping[str, Any], taken: Mapping[str, str], path: str) -> Iterator[str]:
    for name, value in content.items():
        here = f"{path}/{name}".lstrip("/")
        within = [item for item in taken if item.startswith(f"{here}/")]
        beside = [item for item in taken if not path or item.startswith(f"{path}/")]
        if name in MERGES and beside:
            yield f"{here} could change what the role sets: {', '.join(beside)}"
        elif here in taken:
            variable = taken[here]
            yield f"the role sets {here}; " + (f"use the variable {variable}" if variable else "it cannot be changed")
        elif isinstance(value, Mapping):
            yield from _conflicts(value, taken, here)
        elif within:
            yield f"{here}: expected a dict, because the role sets {', '.join(within)}"


def validate_taken(
    host: str, content: Mapping[str, Any], taken: Mapping[str, str], variable: str = "clickhouse_extra_config"
) -> Iterator[Finding]:
    """Validation errors for elements of extra configuration that another variable sets: variables by path."""
    for problem in _conflicts(content, taken, ""):
        yield validation_error(variable, host, problem)
