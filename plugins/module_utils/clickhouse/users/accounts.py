# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""clickhouse_users: who may log in, from where, and what each may read and do. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..networks import network_pattern
from ..settings import BOOL, TEXT, Setting
from . import authentication
from .common import NAME, NAME_EXPECTED, Problem, mapping, texts, unknown

FRAGMENT = "users"
REFERENCE = Setting(FRAGMENT, TEXT, pattern=NAME.pattern, expected=NAME_EXPECTED)
VALUES = {
    "profile": REFERENCE,
    "quota": REFERENCE,
    "default_database": Setting(FRAGMENT, TEXT, "users_default_database", expected="the name of a database"),
    "access_management": Setting(FRAGMENT, BOOL, "access_management"),
    "named_collection_control": Setting(FRAGMENT, BOOL, "users_named_collection_control"),
}
LISTS = {"allow_databases": "", "grants": "users_grants"}
KEYS = (
    *authentication.METHODS,
    authentication.TYPE,
    authentication.SEVERAL,
    "networks",
    *VALUES,
    *LISTS,
    "filters",
)
# A server stops at grants beside one of them.
NOT_WITH_GRANTS = ("allow_databases", "access_management", "named_collection_control")
EVERYWHERE = ("/0", "/0.0.0.0")
HOST = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"
GRANT = re.compile(r"(GRANT|REVOKE)\s.+", re.IGNORECASE | re.DOTALL)
# The user is the one that has the grants.
GRANTEE = re.compile(r"\sON\s+CLUSTER\s|\s(TO|FROM)\s+[\w`\"'.-]+(\s+WITH\s+GRANT\s+OPTION)?\s*;?\s*$", re.IGNORECASE)
# Newer servers read them as "a database" and "a table" with the name in an attribute.
RESERVED = ("database", "table")


def elements(users: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The content of users.xml: of valid users only."""
    return {"users": {name: _user(user, version) for name, user in users.items()}}


def _user(user: Mapping[str, Any], version: str) -> dict[str, Any]:
    networks = user.get("networks") or {"ip": ["::/0"]}
    content: dict[str, Any] = {
        # A user of the same name in another file adds nothing, such as a second password.
        "@replace": "replace",
        **authentication.elements(user, version),
        "networks": {
            kind: [network_pattern(str(item)) if kind == "ip" else item for item in items]
            for kind, items in networks.items()
        },
        "profile": user.get("profile") or "default",
        "quota": user.get("quota") or "default",
    }
    if user.get("default_database") is not None:
        content["default_database"] = user["default_database"]
    if user.get("allow_databases"):
        content["allow_databases"] = {"database": list(user["allow_databases"])}
    for key in ("access_management", "named_collection_control"):
        if user.get(key):
            content[key] = 1
    if user.get("grants"):
        content["grants"] = {"query": list(user["grants"])}
    if user.get("filters"):
        content["databases"] = {
            database: {table: {"filter": condition} for table, condition in tables.items()}
            for database, tables in user["filters"].items()
        }
    return content


def features(name: str, user: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from authentication.features(name, user)
    # False is the same as nothing, in every version.
    for key in (key for key in VALUES if user.get(key)):
        yield f"{name}: {key}", VALUES[key].feature
    for key in (key for key in LISTS if user.get(key)):
        yield f"{name}: {key}", LISTS[key]
    if user.get("filters"):
        yield f"{name}: filters", "users_filters"


def is_open_everywhere(user: Mapping[str, Any]) -> bool:
    """Whether everybody can log in from everywhere."""
    ips = mapping(user.get("networks")).get("ip") or []
    unlimited = not user.get("networks") or any(network_pattern(str(item)).endswith(EVERYWHERE) for item in ips)
    return unlimited and authentication.is_open(user)


def problems(name: str, user: Mapping[str, Any]) -> Iterator[Problem]:
    for key in (key for key in user if key not in KEYS):
        yield unknown(name, key, KEYS)
    yield from authentication.problems(name, user)
    if user.get("networks") is not None:
        yield from _networks(f"{name}: networks", user["networks"])
    for key, setting in VALUES.items():
        if user.get(key) is not None and (expected := setting.problem(user[key])):
            yield f"{name}: {key}: {user[key]}", expected
    if user.get("allow_databases") is not None:
        yield from texts(f"{name}: allow_databases", user["allow_databases"], "names of databases")
    if user.get("grants") is not None:
        yield from _grants(name, user)
    if user.get("filters") is not None:
        yield from _filters(f"{name}: filters", user["filters"])


def _networks(where: str, networks: Any) -> Iterator[Problem]:
    kinds = ("ip", "host", "host_regexp")
    if not isinstance(networks, Mapping) or not networks:
        yield f"{where}: {networks or 'nothing'}", f"a dict with {', '.join(kinds)}, each a list"
        return
    for kind, items in networks.items():
        here = f"{where}: {kind}"
        if kind not in kinds:
            yield unknown(where, kind, kinds)
        elif kind == "host":
            yield from texts(here, items, "names of hosts", HOST)
        elif kind == "ip":
            expected = "addresses or networks such as 10.0.0.0/8"
            found = list(texts(here, items, expected))
            yield from found or [(f"{here}: {item}", expected) for item in items if not network_pattern(str(item))]
        else:
            # Without an end it matches longer names, which somebody else may own.
            expected = "regular expressions that end with $, such as ^app[0-9]+[.]example[.]com$"
            found = list(texts(here, items, expected, r".*\$"))
            yield from found or [(f"{here}: {item}", expected) for item in items if not _compiles(str(item))]


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _grants(name: str, user: Mapping[str, Any]) -> Iterator[Problem]:
    expected = "statements such as GRANT SELECT ON demo.*, without TO, FROM and ON CLUSTER: they are for this user"
    found = list(texts(f"{name}: grants", user["grants"], expected, r"[^\x00]+"))
    yield from found
    for item in user["grants"] if not found else ():
        if not GRANT.fullmatch(str(item).strip()) or GRANTEE.search(str(item)):
            yield f"{name}: grants: {item}", expected
    beside = [key for key in NOT_WITH_GRANTS if user.get(key)]
    if beside:
        yield f"{name}: grants beside {', '.join(beside)}, at which a server stops", "the same as statements in grants"


def _filters(where: str, filters: Any) -> Iterator[Problem]:
    example = "a dict of databases, of tables and of conditions, such as {demo: {hits: site = 1}}"
    if not isinstance(filters, Mapping) or not filters:
        yield f"{where}: {filters or 'nothing'}", example
        return
    for database, tables in filters.items():
        if not isinstance(tables, Mapping) or not tables:
            yield f"{where}: {database}: {tables or 'nothing'}", example
            continue
        for name in (database, *tables):
            if not NAME.fullmatch(str(name)) or name in RESERVED:
                yield f"{where}: {name}", f"{NAME_EXPECTED}, other than {' and '.join(RESERVED)}"
        for table, condition in tables.items():
            yield from texts(f"{where}: {database}.{table}", [condition], "a condition such as site = 1", r"(?s).*\S.*")
