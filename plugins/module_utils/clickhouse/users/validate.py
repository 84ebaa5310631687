# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Validates users, profiles and quotas, each by itself and together. Pure.

Servers load references to profiles and quotas that do not exist, or circles of profiles, without an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...findings import Finding, validation_error
from ..extra import validate_taken
from ..features import is_version
from . import accounts, profiles, quotas, setting_names
from .common import PROFILES, QUOTAS, USERS, Problem, mapping, missing_features, names
from .references import SECTIONS, expected_name, extra_references, extra_settings, known_names

Check = Callable[[str, Mapping[str, Any]], Iterable[tuple[str, str]]]
CHECKS: dict[str, tuple[Check, Check]] = {
    USERS: (accounts.problems, accounts.features),
    PROFILES: (profiles.problems, profiles.features),
    QUOTAS: (quotas.problems, quotas.features),
}
EXTRA = "clickhouse_extra_users"
REPLACE_PREVIOUS = "settings_constraints_replace_previous"


@dataclass(frozen=True)
class Wanted:
    """own: users of the role, with the variable of each. extra_config, extra_users: the variables of these names."""

    version: str
    users: Mapping[str, Any] = field(default_factory=dict)
    profiles: Mapping[str, Any] = field(default_factory=dict)
    quotas: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    server_settings: Mapping[str, Any] = field(default_factory=dict)
    extra_config: Mapping[str, Any] = field(default_factory=dict)
    extra_users: Mapping[str, Any] = field(default_factory=dict)
    # The profile of ON CLUSTER statements.
    ddl_profile: str = ""
    allow_open_users: bool = False

    def of(self, variable: str) -> Mapping[str, Any]:
        return {USERS: self.users, PROFILES: self.profiles, QUOTAS: self.quotas}[variable]


def validate_users(host: str, wanted: Wanted) -> Iterator[Finding]:
    for variable, (check, features) in CHECKS.items():
        items = wanted.of(variable)
        found: list[Problem] = list(names(items))
        dicts = {str(name): item for name, item in items.items() if isinstance(item, Mapping)}
        for name, item in dicts.items():
            found += check(name, item)
            if is_version(wanted.version):
                found += missing_features(wanted.version, features(name, item))
                if variable == PROFILES:
                    found += setting_names.unknown_settings(wanted.version, name, item)
        for text, expected in found:
            yield validation_error(variable, host, text, expected)
    for path, settings in extra_settings(wanted.extra_users) if is_version(wanted.version) else ():
        for text, expected in setting_names.unknown_settings(wanted.version, path, {"settings": settings}):
            yield validation_error(EXTRA, host, text, expected)
    for variable, text, expected, hint in (*_references(wanted), *_together(wanted)):
        yield validation_error(variable, host, text, expected, hint)
    taken = {f"{SECTIONS[variable]}/{name}": variable for variable in CHECKS for name in wanted.of(variable)}
    yield from validate_taken(host, wanted.extra_users, taken, EXTRA)


def _references(wanted: Wanted) -> Iterator[tuple[str, str, str, str]]:
    """(variable, found, expected, hint) for references to what is nowhere defined."""
    used: list[tuple[str, str, str, Any]] = []
    for name, user in wanted.users.items():
        for kind, key in ((PROFILES, "profile"), (QUOTAS, "quota")):
            used.append((kind, USERS, f"{name}: {key}", mapping(user).get(key)))
    for name, profile in wanted.profiles.items():
        used += [(PROFILES, PROFILES, f"{name}: profile", parent) for parent in profiles.parents_of(mapping(profile))]
    used.append((PROFILES, "clickhouse_distributed_ddl", "profile", wanted.ddl_profile))
    used += [(kind, EXTRA, path, reference) for kind, path, reference in extra_references(wanted.extra_users)]
    for kind, variable, where, reference in used:
        known = known_names(kind, wanted.of(kind), wanted.extra_users)
        if reference and known is not None and str(reference) not in known:
            found = f"{where}: {reference}, which is not defined"
            yield variable, found, expected_name(str(reference), known), f"Define it in {kind}, or in {EXTRA}."
    extra = {name: profile for name, profile in mapping(wanted.extra_users.get("profiles")).items() if mapping(profile)}
    for circle in profiles.circles({**extra, **wanted.profiles}):
        found = f"a circle: {' inherits from '.join(circle)}"
        variable = PROFILES if any(name in wanted.profiles for name in circle) else EXTRA
        yield variable, found, "profiles that do not inherit from themselves", ""


def _together(wanted: Wanted) -> Iterator[tuple[str, str, str, str]]:
    """(variable, found, expected, hint) for what does not go together with other variables."""
    for name, user in wanted.users.items():
        if name == "default":
            hint = "Its settings belong into clickhouse_extra_users; the role sets its networks."
            yield USERS, "default, a user of the packages", "another name", hint
        elif name in wanted.own:
            yield USERS, f"{name}, which is {wanted.own[name]}", "another name", ""
        if isinstance(user, Mapping) and accounts.is_open_everywhere(user) and not wanted.allow_open_users:
            text = f"{name}: no_password, from every network"
            yield USERS, text, "a password, or networks", "To accept it, set clickhouse_allow_open_users=true."
    extra = mapping(wanted.extra_config.get("access_control_improvements")).get(REPLACE_PREVIOUS)
    if str(wanted.server_settings.get(REPLACE_PREVIOUS, extra)).lower() not in ("true", "1"):
        for name in profiles.changeable(wanted.profiles):
            hint = f"Set {REPLACE_PREVIOUS} in clickhouse_server_settings; this restarts the replicas."
            yield PROFILES, f"{name}: changeable_in_readonly", f"{REPLACE_PREVIOUS}, without which a server stops", hint
