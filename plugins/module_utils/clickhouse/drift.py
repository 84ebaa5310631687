# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Differences between the replicas of a cluster that should be none. Pure: catalogs of all hosts in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..findings import CRITICAL, OK, WARNING, Finding

Catalogs = Mapping[str, Mapping[str, Any]]
CREATE = "Create it there with the statement of SHOW CREATE TABLE on {host}; a replicated table then fetches its rows."
ALTER = "If no ALTER runs now, compare SHOW CREATE TABLE on these hosts, and repeat the ALTER that one of them missed."
AGAIN = (
    "Compare SHOW CREATE TABLE on these hosts, and create it again where it is wrong. Drop no table that holds rows of "
    "its own, and flush a Buffer or a Distributed table before."
)
RUN = "Run site.yml, or move what was changed by hand into the variables of the roles."
UPGRADE = "Complete the upgrade: mixed versions are only safe for its duration."


def check_drift(catalogs: Catalogs, versions: Mapping[str, str], shards: Mapping[str, str]) -> list[Finding]:
    """Versions, tables, users and settings agree; one finding for each difference.

    catalogs: read_catalog of each host that answered; the others have findings of their own. versions, shards: by host.
    """
    findings = [*_check_versions(versions)]
    findings += _check_tables(_known(catalogs, "tables"), versions, shards)
    for part, check in (("users", "users_drift"), ("settings", "configuration_drift")):
        findings += _check_same(_known(catalogs, part), check)
    return findings


def _known(catalogs: Catalogs, part: str) -> dict[str, Mapping[str, Any]]:
    """One part of all catalogs that have it: the fingerprint by name, or several ones by theirs."""
    kind = Mapping if part == "tables" else str
    parts = {host: catalog.get(part) for host, catalog in catalogs.items() if isinstance(catalog, Mapping)}
    return {
        host: prints
        for host, prints in parts.items()
        if isinstance(prints, Mapping) and all(isinstance(value, kind) for value in prints.values())
    }


def _check_versions(versions: Mapping[str, str]) -> Iterator[Finding]:
    if len(versions) < 2:
        return
    groups = _groups(versions)
    found = "; ".join(f"{version} on {', '.join(hosts)}" for version, hosts in groups.items())
    same = len(groups) == 1
    severity, hint = (OK, "") if same else (WARNING, UPGRADE)
    yield Finding("version_drift", severity, "cluster", found, "one version on all replicas", hint)


def _check_tables(tables: Catalogs, versions: Mapping[str, str], shards: Mapping[str, str]) -> Iterator[Finding]:
    if len(tables) < 2:
        return
    findings = []
    names = sorted({name for known in tables.values() for name in known})
    for name in names:
        having = {host: known[name] for host, known in tables.items() if name in known}
        first = min(having)
        replicated = any(str(table.get("engine")).startswith("Replicated") for table in having.values())
        for host in tables:
            # A replicated table may belong to some shards only; within one, each replica must have it.
            peers = [peer for peer in having if shards.get(peer) == shards.get(host)]
            if host not in having and (peers or not replicated):
                findings.append(_missing(host, name, peers or [first], replicated))
        findings += _check_schema(name, having, versions)
    yield from findings
    if not findings:
        found = f"{len(names)} shared tables on {len(tables)} replicas"
        yield Finding("schema_drift", OK, "cluster", found, "the same tables with the same definitions")


def _check_schema(name: str, having: Mapping[str, Mapping[str, Any]], versions: Mapping[str, str]) -> Iterator[Finding]:
    """A table has the same columns everywhere, and the same definition on all servers of a version."""
    columns = _groups({host: str(table.get("columns")) for host, table in having.items()})
    if len(columns) > 1:
        found = f"one schema on {_but_not(columns)}"
        yield Finding("schema_drift", WARNING, f"cluster {name}", found, "one schema", ALTER)
        return
    # Versions write the same definition in different ways.
    for hosts in _groups({host: versions.get(host, "") for host in having}).values():
        definitions = _groups({host: str(having[host].get("definition")) for host in hosts})
        if len(definitions) > 1:
            found = f"the same columns, but one definition on {_but_not(definitions)}"
            yield Finding("schema_drift", WARNING, f"cluster {name}", found, "one definition", AGAIN)


def _but_not(groups: Mapping[str, Iterable[str]]) -> str:
    return " but not on ".join(", ".join(hosts) for hosts in groups.values())


def _missing(host: str, name: str, peers: list[str], replicated: bool) -> Finding:
    expected = f"the table, as on {', '.join(peers)}"
    severity = CRITICAL if replicated else WARNING
    return Finding("missing_table", severity, f"{host} {name}", "no such table", expected, CREATE.format(host=peers[0]))


def _check_same(known: Mapping[str, Mapping[str, str]], check: str) -> Iterator[Finding]:
    """Each name has the same fingerprint on all hosts. A host without it differs, too."""
    if len(known) < 2:
        return
    findings = []
    for name in sorted({name for prints in known.values() for name in prints}):
        groups = _groups({host: prints.get(name, "") for host, prints in known.items()})
        if len(groups) > 1:
            found = f"{name}: {_describe(groups)}"
            findings.append(Finding(check, WARNING, "cluster", found, "the same on all replicas", RUN))
    yield from findings
    if not findings:
        yield Finding(check, OK, "cluster", f"the same on {len(known)} replicas", "the same on all replicas")


def _describe(groups: Mapping[str, Iterable[str]]) -> str:
    """Which hosts have the same, the largest group first."""
    texts: list[str] = []
    for value, hosts in sorted(groups.items(), key=lambda item: -len(list(item[1]))):
        texts.append(
            f"{'one value' if not texts else 'another value'} on {', '.join(hosts)}"
            if value
            else f"nothing on {', '.join(hosts)}"
        )
    return "; ".join(texts)


def _groups(values: Mapping[str, str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for host, value in values.items():
        groups.setdefault(value, []).append(host)
    return groups
