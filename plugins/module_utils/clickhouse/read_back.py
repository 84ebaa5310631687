# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What a server must show after it has reloaded fragments, and where it shows that, by version. Pure."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .features import has
from .server_config import children, read_shards
from .users.quotas import LIMITS

CONFIG, USERS = "config.d", "users.d"
MACRO, CLUSTER, SETTING = "macro", "cluster", "server setting"
USER, POLICY, PROFILE, QUOTA = "user", "row policy", "profile setting", "quota"
PRESENT = "present"
# Where a server shows each of them: the feature that a version needs for that, and the query.
QUERIES = {
    MACRO: ("", "SELECT macro AS name, substitution AS value FROM system.macros"),
    CLUSTER: (
        "",
        "SELECT concat(cluster, '/', toString(shard_num), '/', host_name, ':', toString(port)) AS name, "
        f"'{PRESENT}' AS value FROM system.clusters",
    ),
    # The table says which of them a server takes over.
    SETTING: (
        "reload_limits",
        "SELECT name, value, default FROM system.server_settings WHERE changeable_without_restart = 'Yes'",
    ),
    # Users of ZooKeeper or SQL may have the same names.
    USER: (
        "system_access_tables",
        f"SELECT name, '{PRESENT}' AS value FROM system.users WHERE storage LIKE 'users%xml'",
    ),
    POLICY: (
        "system_access_tables",
        f"SELECT concat(short_name, ' ON ', database, '.', table) AS name, '{PRESENT}' AS value "
        "FROM system.row_policies",
    ),
    PROFILE: (
        "system_access_tables",
        "SELECT concat(assumeNotNull(profile_name), '/', assumeNotNull(setting_name)) AS name, value "
        "FROM system.settings_profile_elements "
        "WHERE isNotNull(profile_name) AND isNotNull(setting_name) AND isNotNull(value)",
    ),
    QUOTA: ("system_access_tables", "SELECT * FROM system.quota_limits"),
}
# Any version shows the settings of the user who asks; those of his query are left out.
OWN_SETTINGS = "SELECT concat('{}/', name) AS name, value FROM system.settings WHERE NOT name LIKE 'output_format_%'"
# The server lowers them to what the host has.
LOWERED = (
    "max_server_memory_usage",
    "mark_cache_size",
    "uncompressed_cache_size",
    "index_mark_cache_size",
    "index_uncompressed_cache_size",
)
# Elements whose content is somewhere else.
ELSEWHERE = ("from_zk", "incl")
NOT_SETTINGS = ("profile", "constraints")
NUMBER = re.compile(r"[+-]?[0-9]{1,30}([.][0-9]{1,30})?(e[+-]?[0-9]{1,2})?", re.IGNORECASE)
WORD = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
BOOLEANS = {"true": "1", "false": "0"}


@dataclass(frozen=True)
class Change:
    """A fragment, such as config.d/limits.xml, before and after a change; None where it did not exist."""

    fragment: str
    before: ET.Element | None
    after: ET.Element | None


@dataclass(frozen=True)
class Wanted:
    """value: None for what must be gone. before: the value before the change, None where there was none."""

    fragment: str
    value: str | None
    before: str | None = None


@dataclass(frozen=True)
class Question:
    """What must be in the answer to a query, by name. Without a query, each name is a user whom a login must know."""

    kind: str
    query: str
    wanted: Mapping[str, Wanted]


def questions(
    changes: Iterable[Change], config: ET.Element, users: ET.Element, version: str, login: str
) -> list[Question]:
    """The questions to a server of a version about the fragments that changed.

    config, users: all files together as the server reads them now, because what another file sets otherwise is not
    asked. login: the user who asks. What the version does not show is not asked either.
    """
    merged = {CONFIG: shown(config, CONFIG), USERS: shown(users, USERS)}
    wanted: dict[str, dict[str, Wanted]] = {}
    for change in changes:
        section = change.fragment.partition("/")[0]
        before, after = (shown(root, section) for root in (change.before, change.after))
        for kind, name in sorted(before.keys() | after.keys()):
            value = after.get((kind, name))
            if merged[section].get((kind, name)) == value:
                wanted.setdefault(kind, {})[name] = Wanted(change.fragment, value, before.get((kind, name)))
    profile = (users.findtext(f"users/{login}/profile") or "default").strip() if WORD.fullmatch(login) else "default"
    asked = [question for kind in wanted for question in _question(kind, wanted[kind], version, profile)]
    return [question for question in asked if question.wanted]


def _question(kind: str, wanted: dict[str, Wanted], version: str, profile: str) -> Iterator[Question]:
    if kind == SETTING:
        # Not every version takes a default over again.
        wanted = {name: item for name, item in wanted.items() if item.value not in (None, item.before)}
    feature, query = QUERIES[kind]
    if not feature or has(version, feature):
        yield Question(kind, query, wanted)
    elif kind == USER:
        yield Question(kind, "", wanted)
    elif kind == PROFILE and WORD.fullmatch(profile):
        own = {name: item for name, item in wanted.items() if name.startswith(f"{profile}/") and item.value is not None}
        yield Question(kind, OWN_SETTINGS.format(profile), own)


def shown(root: ET.Element | None, section: str) -> dict[tuple[str, str], str]:
    """What a server shows of a file of a section, or of all of them together: value by kind and name."""
    if root is None:
        return {}
    return {(kind, name): value for kind, name, value in (_of_config(root) if section == CONFIG else _of_users(root))}


def _of_config(root: ET.Element) -> Iterator[tuple[str, str, str]]:
    for element in _own(root, "."):
        if element.tag == "macros":
            yield from ((MACRO, child.tag, _text(child)) for child in _own(root, "macros"))
        elif element.tag == "remote_servers":
            for cluster in _own(root, "remote_servers"):
                for number, shard in enumerate(read_shards(root, cluster.tag), 1):
                    # Without a port it is the server's own one.
                    known = [endpoint for endpoint in shard["endpoints"] if not endpoint.endswith(":")]
                    yield from ((CLUSTER, f"{cluster.tag}/{number}/{endpoint}", PRESENT) for endpoint in known)
        elif not len(element):
            yield SETTING, element.tag, _text(element)


def _of_users(root: ET.Element) -> Iterator[tuple[str, str, str]]:
    for user in _own(root, "users"):
        yield USER, user.tag, PRESENT
        for database in _own(user, "databases"):
            tables = (table.tag for table in _own(database, ".") if table.find("filter") is not None)
            yield from ((POLICY, f"{user.tag} ON {database.tag}.{table}", PRESENT) for table in tables)
    for profile in _own(root, "profiles"):
        for setting in _own(profile, "."):
            if setting.tag not in NOT_SETTINGS and not len(setting):
                yield PROFILE, f"{profile.tag}/{setting.tag}", _text(setting)
    for quota in _own(root, "quotas"):
        for interval in (child for child in _own(quota, ".") if child.tag == "interval"):
            limits = {child.tag: _text(child) for child in _own(interval, ".")}
            duration = limits.get("duration", "")
            # A server leaves out an interval without a duration, and 0 is no limit.
            names = (name for name in LIMITS if re.fullmatch("[1-9][0-9]*", duration) and limits.get(name, "0") != "0")
            yield from ((QUOTA, f"{quota.tag}/{duration}/{name}", limits[name]) for name in names)


def _own(root: ET.Element, path: str) -> Iterator[ET.Element]:
    """The elements below a path whose content is in the file."""
    for child in children(root, path):
        if "remove" not in child.attrib and not child.attrib.keys() & set(ELSEWHERE):
            yield child


def _text(element: ET.Element) -> str:
    return (element.text or "").strip()


def answers(question: Question, rows: Iterable[Mapping[str, object]]) -> dict[str, tuple[str, str]]:
    """Value and default by name of the rows that answer a question."""
    if question.kind != QUOTA:
        return {str(row.get("name")): (str(row.get("value")), str(row.get("default", ""))) for row in rows}
    found = {}
    for row in rows:
        for column, value in row.items():
            if column.startswith("max_") and value:
                found[f"{row.get('quota_name')}/{row.get('duration')}/{column[4:]}"] = (str(value), "")
    return found


def mistakes(question: Question, found: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, Wanted, str]]:
    """(name, what is wanted, what is there instead) for each name whose answer is another one."""
    for name, wanted in question.wanted.items():
        value, default = found.get(name, (None, ""))
        if value is None or wanted.value is None:
            # A setting that the table does not list is none that a server takes over.
            if value != wanted.value and question.kind != SETTING:
                yield name, wanted, "missing" if value is None else value
        elif _differs(value, wanted.value) and not _is_lowered(name, wanted, value, default):
            yield name, wanted, value


def _differs(found: str, wanted: str) -> bool:
    """Whether two values differ. A server writes some in a form of its own, which are not compared."""
    found, wanted = (BOOLEANS.get(value.lower(), value) for value in (found, wanted))
    if NUMBER.fullmatch(found) and NUMBER.fullmatch(wanted):
        return not math.isclose(float(found), float(wanted), rel_tol=1e-6)
    if WORD.fullmatch(found) and WORD.fullmatch(wanted):
        return found.lower() != wanted.lower()
    return False


def _is_lowered(name: str, wanted: Wanted, found: str, default: str) -> bool:
    """Whether the server has lowered a value to what the host has, and not kept the one of before."""
    limit = str(wanted.value)
    if name not in LOWERED or not NUMBER.fullmatch(found) or not NUMBER.fullmatch(limit):
        return False
    # 0 is as much as the host has.
    return float(limit) == 0 or (float(found) < float(limit) and found not in (wanted.before or default, ""))
