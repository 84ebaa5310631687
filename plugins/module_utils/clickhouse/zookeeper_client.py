# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Keys of <zookeeper>: those that are no plain values, and those that the role refuses, with reasons. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..findings import Finding, validation_error

VARIABLE = "clickhouse_zookeeper_client"
# Where the zone of a member stands; the template of <zookeeper> writes it.
ZONES, ZONE_PATH = "availability_zones", "node/availability_zone"
ACL_KEYS = ("path", "scheme", "id", "permissions")
SCHEMES = ("world", "auth", "digest", "ip", "x509")
PERMISSIONS = ("read", "write", "create", "delete", "admin", "all")
PATH = re.compile(r"(?:/[^/\s]+)+")
# Keys that need ClickHouse Keeper, and why.
KEEPER_ONLY = {
    "use_compression": "ZooKeeper's protocol has no compression: nothing would be compressed",
    "use_xid_64": "ZooKeeper's protocol has numbers of 32 bits: the server would find no ensemble",
}
FAULTS = "it breaks connections on purpose, for tests of ClickHouse"
# Keys that a server knows and the variable does not have.
REFUSED = {
    **{key: f"it needs ClickHouse Keeper: {reason}" for key, reason in KEEPER_ONLY.items()},
    "availability_zone_autodetect": f"it needs ClickHouse Keeper: ZooKeeper does not tell its zone; use {ZONES}",
    "pass_opentelemetry_tracing_context": "it needs ClickHouse Keeper: ZooKeeper's protocol has no place for a trace",
    "password": "it needs ClickHouse Keeper: ZooKeeper has no password for connections",
    "path_acl": "no version that is tested knows it; use path_acls",
    "identity": "only servers would read what they store: the health checks have no login for ZooKeeper",
    "implementation": "any other one than ZooKeeper stores nothing in the ensemble",
    "keeper_load_balancing": "use zookeeper_load_balancing, which more versions have",
    "node": "the inventory describes the ensemble, or clickhouse_zookeeper_nodes",
    "root": "use the variable clickhouse_zookeeper_root",
    "session_timeout_ms": "use the variable clickhouse_zookeeper_session_timeout_ms",
    "enable_fault_injections_during_startup": FAULTS,
    **{f"{way}_fault_probability": FAULTS for way in ("send", "recv")},
    **{f"{way}_sleep_{what}": FAULTS for way in ("send", "recv") for what in ("probability", "ms")},
}


def zones_problem(value: Any) -> str:
    """What was expected instead of the zones of members; empty when they are valid."""
    is_valid = (
        isinstance(value, Mapping)
        and value
        and all(isinstance(zone, (str, int)) and re.fullmatch(r"[\w.-]+", str(zone)) for zone in value.values())
    )
    return "" if is_valid else "a dict of members and their zones, such as {zk1: eu-1a}"


def acls_problem(value: Any) -> str:
    """What was expected instead of ACLs of znodes; empty when they are valid."""
    if isinstance(value, (list, tuple)) and value and all(_is_acl(acl) for acl in value):
        return ""
    return (
        f"a list of dicts with {', '.join(ACL_KEYS)}: a path below the chroot, one of {', '.join(SCHEMES)}, and of "
        f"{', '.join(PERMISSIONS)} with commas"
    )


def _is_acl(acl: Any) -> bool:
    return (
        isinstance(acl, Mapping)
        and set(acl) == set(ACL_KEYS)
        and bool(PATH.fullmatch(str(acl["path"])))
        and acl["scheme"] in SCHEMES
        and isinstance(acl["id"], str)
        and bool(re.fullmatch(r"\S+", acl["id"]))
        and all(word in PERMISSIONS for word in str(acl["permissions"]).split(","))
    )


def validate_client(host: str, client: Mapping[str, Any], members: Collection[str]) -> Iterator[Finding]:
    """members: hosts as servers connect to them."""
    for key in client:
        if key in REFUSED:
            yield validation_error(VARIABLE, host, f"{key}: {REFUSED[key]}", "without this key")
    zones = client.get(ZONES)
    for member in zones if isinstance(zones, Mapping) and members else ():
        if member not in members:
            yield validation_error(VARIABLE, host, f"{ZONES}: the member {member}", f"one of {', '.join(members)}")
    if client.get("prefer_local_availability_zone") and not zones:
        yield validation_error(VARIABLE, host, "prefer_local_availability_zone without zones", f"the key {ZONES}")
