# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Brings ZooKeeper to the shared configuration that is wanted, or says what is there."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..http import ClickHouseError, Server
from .elements import restarted
from .plan import Plan, SharedConfigError, Version, as_text, plan, rolled_back
from .report import report_rollback, report_versions
from .store import Store
from .validate import merge_tree_problems

SETTINGS = "SELECT name, toString(value) AS value FROM system.merge_tree_settings"


def validate(server: Server, elements: Mapping[str, str]) -> None:
    """Raises SharedConfigError for what the server would not accept. One that does not answer accepts everything."""
    if not any(path.startswith("merge_tree/") for path in elements):
        return
    try:
        settings = {row["name"]: row["value"] for row in server.rows(SETTINGS)}
    except ClickHouseError:
        return
    for found, expected in merge_tree_problems(elements, settings):
        raise SharedConfigError(f"found {found}" + (f", expected {expected}." if expected else "."))


def restarts(server: Server, written: Sequence[str]) -> list[str]:
    try:
        return restarted(written, server.execute("SELECT version()").strip()) if written else []
    except (ClickHouseError, ValueError):
        return sorted(written)


def apply(store: Store, server: Server, params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Writes what is wanted, and returns the results of the module. Raises SharedConfigError."""
    wanted, note = {path: str(text) for path, text in params["elements"].items()}, ""
    if params["state"] == "rolled_back":
        wanted = dict(rolled_back(store.read(()), params["version"]).elements)
        note = f"version {params['version']} again"
    stored = store.read(wanted)
    written = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    made = plan(stored, wanted, params["history"], written, params["writer"], note)
    protected = store.is_protected_as_wanted()
    if made.operations:
        validate(server, wanted)
    if not check_mode:
        if not protected:
            store.protect()
        if made.operations:
            store.write(made.operations)
    changed = bool(made.operations) or not protected
    needed = restarts(server, made.written)
    before = {path: text for path, text in stored.current.items() if path in wanted}
    return {
        **results(made),
        "changed": changed,
        "previous": before,
        "restarts": needed,
        "versions": kept(stored.versions, made, params["history"]),
        **({"report": report_rollback(made, params["version"], needed)} if note else {}),
        "diff": {"before": as_text(before), "after": as_text(wanted)},
    }


def results(made: Plan) -> dict[str, Any]:
    return {"version": made.version.number, "elements": dict(made.version.elements), "written": list(made.written)}


def kept(versions: Mapping[int, Version], made: Plan, history: int) -> list[dict[str, Any]]:
    after = {**versions, made.version.number: made.version} if made.operations else versions
    last = sorted(after)[-history:] if made.operations else sorted(after)
    return [after[number].summary() for number in last]


def read(store: Store, version: int | None) -> dict[str, Any]:
    """The results of the module that only reads. version: to compare with the newest one. Raises SharedConfigError."""
    stored = store.read(store.read(()).newest.elements)
    made = Plan((), (), stored.newest)
    report = report_versions(stored, version)
    return {
        **results(made),
        "changed": False,
        "restarts": [],
        "versions": kept(stored.versions, made, 0),
        "report": report,
    }
