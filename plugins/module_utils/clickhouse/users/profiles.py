# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""clickhouse_profiles: settings of queries, and how far a query may change them. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..settings import BOOL, Setting, choice
from ..xml import FORBIDDEN
from .common import NAME, NAME_EXPECTED, Problem, mapping, unknown

FRAGMENT = "profiles"
KEYS = ("profile", "settings", "constraints")
# Settings of distributed queries. Other names are those of system.settings, which a server knows.
POLICIES = {
    "random": "",
    "nearest_hostname": "",
    "in_order": "",
    "first_or_random": "profiles_first_or_random",
    "round_robin": "profiles_round_robin",
    "hostname_levenshtein_distance": "profiles_levenshtein_distance",
}
SETTINGS = {
    # Among the replicas of a shard with the fewest errors.
    "load_balancing": choice(FRAGMENT, tuple(POLICIES)),
    # Seconds; 0 looks at no delay.
    "max_replica_delay_for_distributed_queries": Setting(FRAGMENT),
    "fallback_to_stale_replicas_for_distributed_queries": Setting(FRAGMENT, BOOL),
    "prefer_localhost_replica": Setting(FRAGMENT, BOOL),
}
# How much a name must resemble one of them to be a mistake.
SIMILAR = 0.9
SETTING_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Elements of a profile that are no settings.
RESERVED = ("profile", "constraints")
BOUNDS = ("min", "max")
FLAGS = {"readonly": "", "changeable_in_readonly": "profiles_changeable_in_readonly"}


def elements(profiles: Mapping[str, Any]) -> dict[str, Any]:
    """The content of users.xml: of valid profiles only. The settings of the packages' profiles stay."""
    return {"profiles": {name: _profile(profile) for name, profile in profiles.items()}}


def _profile(profile: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    # A setting that comes later wins, so the parents are first.
    if parents := parents_of(profile):
        content["profile"] = parents
    content.update({name: _text(value) for name, value in (profile.get("settings") or {}).items()})
    if profile.get("constraints"):
        content["constraints"] = {
            name: {key: None if key in FLAGS else _text(value) for key, value in limits.items() if value is not False}
            for name, limits in profile["constraints"].items()
        }
    return content


def _text(value: Any) -> Any:
    # 18.16 reads numbers only.
    return int(value) if isinstance(value, bool) else value


def parents_of(profile: Mapping[str, Any]) -> list[str]:
    parents = profile.get("profile") or []
    return [str(parent) for parent in parents] if isinstance(parents, (list, tuple)) else [str(parents)]


def features(name: str, profile: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if len(parents_of(profile)) > 1:
        yield f"{name}: several parents", "profiles_several_parents"
    policy = mapping(profile.get("settings")).get("load_balancing")
    if isinstance(policy, str):
        yield f"{name}: load_balancing: {policy}", POLICIES.get(policy, "")
    constraints = mapping(profile.get("constraints"))
    if constraints:
        yield f"{name}: constraints", "profiles_constraints"
    for setting, limits in constraints.items():
        for flag in (flag for flag in FLAGS if mapping(limits).get(flag)):
            yield f"{name}: {setting}: {flag}", FLAGS[flag]


def changeable(profiles: Mapping[str, Any]) -> Iterator[str]:
    """Profiles that need settings_constraints_replace_previous."""
    for name, profile in profiles.items():
        constraints = mapping(mapping(profile).get("constraints"))
        if any(mapping(limits).get("changeable_in_readonly") for limits in constraints.values()):
            yield name


def circles(profiles: Mapping[str, Any]) -> Iterator[list[str]]:
    """Profiles that inherit from themselves: each circle once, as a path that ends where it begins."""
    parents = {name: parents_of(mapping(profile)) for name, profile in profiles.items()}
    done: set[str] = set()
    for start in parents:
        path: list[str] = []
        yield from _walk(start, parents, path, done)


def _walk(name: str, parents: Mapping[str, Iterable[str]], path: list[str], done: set[str]) -> Iterator[list[str]]:
    if name in path:
        yield [*path[path.index(name) :], name]
    elif name not in done:
        path.append(name)
        for parent in parents.get(name, ()):
            yield from _walk(parent, parents, path, done)
        path.pop()
        done.add(name)


def problems(name: str, profile: Mapping[str, Any]) -> Iterator[Problem]:
    for key in (key for key in profile if key not in KEYS):
        found, expected = unknown(name, key, KEYS)
        yield found, f"{expected}; settings belong into settings" if "similar" not in expected else expected
    parents = profile.get("profile")
    for parent in parents if isinstance(parents, (list, tuple)) else [parents] if parents is not None else []:
        if not isinstance(parent, str) or not NAME.fullmatch(parent):
            yield f"{name}: profile: {parent}", NAME_EXPECTED
    for key in ("settings", "constraints"):
        if profile.get(key) is not None and not isinstance(profile[key], Mapping):
            yield f"{name}: {key}: {profile[key]}", "a dict"
    for setting, value in mapping(profile.get("settings")).items():
        yield from _setting(name, setting, value)
    for setting, limits in mapping(profile.get("constraints")).items():
        yield from _name(f"{name}: constraints", setting)
        yield from _limits(f"{name}: constraints: {setting}", limits)
    # The role's own users have this profile: they create tables and write the health checks' rows.
    if name == "default" and str(mapping(profile.get("settings")).get("readonly", 0)) not in ("0", "False"):
        yield f"{name}: readonly, in the profile of the role's own users", "a profile of its own"


def _setting(name: str, setting: Any, value: Any) -> Iterator[Problem]:
    if setting in SETTINGS:
        expected = SETTINGS[setting].problem(value)
        # ClickHouse's own numbers for true and false.
        if expected and not (SETTINGS[setting].kind == BOOL and str(value) in ("0", "1")):
            yield f"{name}: {setting}: {value}", expected
        return
    wrong = list(_name(name, setting))
    yield from wrong
    if not wrong and (not isinstance(value, (str, int, float)) or FORBIDDEN.search(str(value))):
        yield f"{name}: {setting}: {value}", "a text, a number, true or false"


def _name(where: str, setting: Any) -> Iterator[Problem]:
    if not SETTING_NAME.fullmatch(str(setting)) or setting in RESERVED:
        yield f"{where}: {setting}", "the name of a setting, as in system.settings"
    elif setting not in SETTINGS and difflib.get_close_matches(str(setting), SETTINGS, 1, SIMILAR):
        yield unknown(where, setting, SETTINGS, "setting")


def _limits(where: str, limits: Any) -> Iterator[Problem]:
    keys = (*BOUNDS, *FLAGS)
    if not isinstance(limits, Mapping) or not limits:
        yield f"{where}: {limits or 'nothing'}", f"a dict with {', '.join(keys)}"
        return
    for key, value in limits.items():
        if key not in keys:
            yield unknown(where, key, keys)
        elif key in FLAGS and not isinstance(value, bool):
            yield f"{where}: {key}: {value}", "true or false"
        elif key in BOUNDS and not isinstance(value, (str, int, float)):
            yield f"{where}: {key}: {value}", "a value of the setting"
    if all(limits.get(flag) is True for flag in FLAGS):
        yield f"{where}: {' and '.join(FLAGS)}", "one of them"
    low, high = (limits.get(key) for key in BOUNDS)
    if _is_number(low) and _is_number(high) and float(str(low)) > float(str(high)):
        yield f"{where}: min {low} above max {high}", "min not above max"


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and bool(re.fullmatch(r"-?[0-9]+([.][0-9]+)?", str(value)))
