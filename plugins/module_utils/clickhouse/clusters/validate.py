# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Validates clickhouse_extra_clusters. Findings show no secrets and no passwords. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...findings import Finding, validation_error
from ...topology.external import HOST
from ...topology.parse import is_ip
from ...topology.validate import CLUSTER_NAME
from ..cluster_settings import WEIGHT
from ..features import is_version, validate_features
from ..settings import BOOL, TEXT, Setting
from ..xml import FORBIDDEN
from .extra import ARRANGEMENTS, VARIABLE, endpoints_of, is_own, shards_of

Problem = tuple[str, str]

FRAGMENT = "remote_servers"
FLAG, PORT = Setting(FRAGMENT, BOOL), Setting(FRAGMENT, minimum=1, maximum=65535)
USER = Setting(FRAGMENT, TEXT, expected="the name of a user")
# Keys of a cluster, a shard and a replica.
CLUSTER_KEYS = ("secret", "user", "password", "shards")
SHARD_KEYS = ("hosts", "replicas", "weight", "internal_replication")
REPLICA_KEYS = ("host", "port", "secure", "user", "password")
SHARDS_EXPECTED = f"{' or '.join(ARRANGEMENTS)}, or a list of shards such as {{hosts: [ch1, ch2]}}"
REPLICA_EXPECTED = "a replica such as {host: ch1.example.com, port: 9000}"


def validate_extra_clusters(
    host: str, version: str, clusters: Mapping[str, Any], cluster: Mapping[str, Any], discovered: str = ""
) -> Iterator[Finding]:
    """cluster: of the topology model. discovered: name of the cluster whose servers register themselves, if any."""
    taken = {
        cluster["name"]: "the cluster of the inventory",
        discovered: "the cluster of clickhouse_metadata.discovery",
    }
    for name, options in clusters.items():
        if not CLUSTER_NAME.fullmatch(str(name)):
            expected = "a letter or '_', then letters, digits, '_' and '-'"
            yield validation_error(VARIABLE, host, f"the name {name}", expected)
        elif name in taken:
            yield validation_error(VARIABLE, host, f"{name}, which is {taken[name]}", "another name")
        else:
            for found, expected in _problems(options, cluster):
                yield validation_error(f"{VARIABLE}.{name}", host, found, expected)
            if is_version(version):
                yield from validate_features(host, version, _used(f"{VARIABLE}.{name}", _mapping(options)))


def _used(variable: str, options: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(variable, found, feature that it needs), also of what is not valid otherwise."""
    if options.get("secret"):
        yield variable, "a secret", "cluster_secret"
    shards = options.get("shards")
    for shard in shards if isinstance(shards, (list, tuple)) else ():
        replicas = _mapping(shard).get("replicas")
        for replica in replicas if isinstance(replicas, (list, tuple)) else ():
            host = str(_mapping(replica).get("host") or "")
            if host and not is_ip(host.strip("[]")):
                yield variable, f"{host}, a name and no address", "cluster_names_without_address"


def _problems(options: Any, cluster: Mapping[str, Any]) -> Iterator[Problem]:
    """(found, expected) of a cluster."""
    if not isinstance(options, Mapping):
        yield _type(options), "a dict with the key shards"
        return
    shared = [*_keys(options, CLUSTER_KEYS), *_login(options, "")]
    if options.get("secret") and options.get("user"):
        shared.append(("a secret and a user", "one of the two: with a secret, queries run as the user who asks"))
    yield from shared
    shards = options.get("shards")
    if isinstance(shards, str) and shards in ARRANGEMENTS:
        return
    if not isinstance(shards, (list, tuple)) or not shards:
        yield f"shards: {_type(shards) if not isinstance(shards, str) else shards or 'nothing'}", SHARDS_EXPECTED
        return
    hosts = [replica["host"] for replica in cluster["replicas"]]
    wrong = [problem for number, shard in enumerate(shards, 1) for problem in _shard(number, shard, hosts)]
    yield from wrong
    if not wrong:
        yield from _together(options, cluster)


def _together(options: Mapping[str, Any], cluster: Mapping[str, Any]) -> Iterator[Problem]:
    """What only valid shards together show."""
    places = [place for shard in shards_of(options, cluster) for place in endpoints_of(shard, cluster)]
    names = [f"{host}:{port}" for host, port, _replica in places]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield f"{name} {names.count(name)} times", "each replica once"
    if is_own(options) or options.get("secret") or options.get("user"):
        return
    for host, port, replica in places:
        if replica and not replica.get("user"):
            yield (
                f"{host}:{port} without a login",
                "a user, or a secret of the cluster; those of the inventory stay there",
            )


def _shard(number: int, shard: Any, hosts: list[str]) -> Iterator[Problem]:
    place = f"shard {number}: "
    if not isinstance(shard, Mapping):
        yield f"{place}{_type(shard)}", "a dict with hosts or replicas"
        return
    yield from _keys(shard, SHARD_KEYS, place)
    for key, setting in (("weight", WEIGHT), ("internal_replication", FLAG)):
        if shard.get(key) is not None and (expected := setting.problem(shard[key])):
            yield f"{place}{key}: {shard[key]}", expected
    lists = {key: shard.get(key) or [] for key in ("hosts", "replicas")}
    if not any(lists.values()):
        yield f"{place}no replica", "hosts of the inventory, or replicas by their addresses"
    for key, items in lists.items():
        if not isinstance(items, (list, tuple)):
            yield f"{place}{key}: {_type(items)}", "a list"
        elif key == "hosts":
            for host in items:
                if host not in hosts:
                    expected = "a replica of the inventory; give others as replicas, with host and port"
                    yield f"{place}the host {host}", expected
        else:
            for replica in items:
                yield from _replica(place, replica)


def _replica(place: str, replica: Any) -> Iterator[Problem]:
    if not isinstance(replica, Mapping):
        yield f"{place}a replica that is {_type(replica)}", REPLICA_EXPECTED
        return
    host = str(replica.get("host") or "")
    if not is_ip(host.strip("[]")) and not HOST.fullmatch(host):
        yield f"{place}the host {host or 'nothing'}", REPLICA_EXPECTED
    place = f"{place}{host}: "
    yield from _keys(replica, REPLICA_KEYS, place)
    for key, setting in (("port", PORT), ("secure", FLAG)):
        if replica.get(key) is not None and (expected := setting.problem(replica[key])):
            yield f"{place}{key}: {replica[key]}", expected
    yield from _login(replica, place)


def _login(options: Mapping[str, Any], place: str) -> Iterator[Problem]:
    if options.get("user") and (expected := USER.problem(options["user"])):
        yield f"{place}user: {_type(options['user'])}", expected
    if options.get("password") and not options.get("user"):
        yield f"{place}a password without a user", "both"
    for key in ("secret", "password"):
        value = options.get(key)
        if value is not None and not isinstance(value, (str, int)):
            yield f"{place}{key}: {_type(value)}", "a text"
        elif FORBIDDEN.search(str(value or "")):
            yield f"{place}{key}: a character that XML cannot contain", "text without control characters"


def _keys(options: Mapping[str, Any], known: tuple[str, ...], place: str = "") -> Iterator[Problem]:
    for key in options:
        if key not in known:
            yield f"{place}unknown key {key}", f"one of {', '.join(known)}"


def _type(value: Any) -> str:
    return "nothing" if value is None else f"a value of type {type(value).__name__}"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
