# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Validates clickhouse_shared_config before anything is written: one mistake would reach all servers at once. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...findings import Finding, validation_error
from ..extra import CONFIG, validate_taken
from ..features import is_version, validate_features
from ..settings import DISTRIBUTED_DDL
from ..xml import NAME
from .elements import REFUSED, SECTIONS, SETTINGS, VARIABLE, elements, paths

HISTORY_VARIABLE = "clickhouse_shared_config_history"
OTHERS = "Any other element of config.xml may be in clickhouse_extra_config."
SECRET = re.compile(r"passw|secret|token|private_?key", re.IGNORECASE)
SECRET_HINT = "Whoever can read ZooKeeper can read it. Put it into clickhouse_extra_config."
TABLES = {"": SETTINGS, "distributed_ddl": DISTRIBUTED_DDL}


def validate_shared(
    host: str,
    version: str,
    config: Mapping[str, Any],
    history: Any,
    cluster: str,
    taken: Mapping[str, str],
    extra: Mapping[str, Any],
) -> Iterator[Finding]:
    """taken: what other variables set, the variable by the path of the element. extra: clickhouse_extra_config."""
    if not re.fullmatch(r"[1-9][0-9]{0,2}", str(history)):
        yield validation_error(HISTORY_VARIABLE, host, history, "a whole number from 1 to 999")
    shaped = list(_validate_shapes(host, config))
    if shaped:
        yield from shaped
        return
    try:
        elements(config)
    except ValueError as error:
        yield validation_error(VARIABLE, host, error)
        return
    by_extra = dict.fromkeys((path for path, _value in paths(extra)), "clickhouse_extra_config")
    role = {**CONFIG, **by_extra, **taken, f"remote_servers/{cluster}": ""}
    yield from validate_taken(host, config, role, VARIABLE)
    for path, value in paths(config):
        section, name = path.split("/") if "/" in path else ("", path)
        if section in TABLES:
            yield from _validate_setting(host, version, section, name, value)
        if SECRET.search(name):
            yield validation_error(VARIABLE, host, f"{path}, which may be a secret", "no secrets", SECRET_HINT)


def _validate_shapes(host: str, config: Mapping[str, Any]) -> Iterator[Finding]:
    """What cannot become elements with a znode each."""
    for section, value in config.items():
        if section in REFUSED:
            yield validation_error(VARIABLE, host, f"{section}, which cannot be shared: {REFUSED[section]}", "", OTHERS)
        elif isinstance(value, Mapping) and section not in SECTIONS:
            yield _unknown(host, section, SECTIONS)
        elif not isinstance(value, Mapping) and section in SECTIONS:
            yield validation_error(VARIABLE, host, f"{section}: {value}", "a dict with its elements")
        elif not isinstance(value, Mapping) and section not in SETTINGS:
            yield _unknown(host, section, [*SECTIONS, *SETTINGS])
        else:
            yield from _validate_names(host, config, section)


def _validate_names(host: str, config: Mapping[str, Any], section: str) -> Iterator[Finding]:
    for path, value in paths({section: config[section]}):
        name = path.partition("/")[2] or path
        if not NAME.fullmatch(name):
            yield validation_error(VARIABLE, host, path, "the name of an element, no attribute")
        elif isinstance(value, (Mapping, list, tuple)):
            kind = "a dict" if isinstance(value, Mapping) else "a list"
            yield validation_error(VARIABLE, host, f"{path}: {kind}", "text, a number, true or false")
        elif value in (None, ""):
            yield validation_error(VARIABLE, host, f"{path}: nothing", "a value")


def _unknown(host: str, name: object, known: Iterable[str]) -> Finding:
    similar = difflib.get_close_matches(str(name), list(known), 1)
    expected = f"{similar[0]}, which is similar" if similar else f"one of {', '.join(known)}"
    return validation_error(VARIABLE, host, f"unknown element {name}", expected, OTHERS)


def _validate_setting(host: str, version: str, section: str, name: str, value: Any) -> Iterator[Finding]:
    path = f"{section}/{name}".lstrip("/")
    setting = TABLES[section].get(name)
    if setting is None:
        yield _unknown(host, path, [f"{section}/{known}" for known in TABLES[section]])
    elif expected := setting.problem(value):
        yield validation_error(VARIABLE, host, f"{path}: {value}", expected)
    elif setting.feature and is_version(version):
        yield from validate_features(host, version, [(VARIABLE, path, setting.feature)])


def merge_tree_problems(contents: Mapping[str, str], settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(found, expected) of what a server would not accept, which refuses to start with an unknown setting.

    contents: of the elements. settings: values by name, as the server has them.
    """
    for path, text in contents.items():
        section, _slash, name = path.partition("/")
        if section != "merge_tree":
            continue
        if name not in settings:
            similar = difflib.get_close_matches(name, list(settings), 1)
            yield f"{path}, which the server does not know", (f"{similar[0]}, which is similar" if similar else "")
        elif _is_number(settings[name]) and not (_is_number(text) or text in ("true", "false")):
            yield f"{path}: {text}", "a number"


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?[0-9]+([.][0-9]+)?", text.strip()))
