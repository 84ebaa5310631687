# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of a replica. Pure: a status in, findings out."""

from __future__ import annotations

from ..findings import CRITICAL, OK, Finding
from ..limits import Limits
from .engine import engine_of, expand
from .limits import DEFAULTS
from .status import ReplicaStatus, replica_row

# Seconds. Until the session of a killed process has expired, 18.16 reports a delay of about Unix time.
UNKNOWN_DELAY = 365 * 24 * 3600


def check_replica(
    status: ReplicaStatus, limits: Limits = DEFAULTS, peers: bool = True, shard_replicas: int = 0
) -> list[Finding]:
    """The server answers, has a session with ZooKeeper, and its replicated tables are writable and in sync.

    peers: whether the other replicas must be active too. shard_replicas: how many the shard has in the inventory; 0
    does not compare.
    """
    if status.ping_error:
        hint = f"Check `systemctl status clickhouse-server` and its error log on {status.host}."
        return [Finding("ping", CRITICAL, status.host, status.ping_error, "Ok.", hint)]
    if status.login_error:
        hint = "Check the user and password used here, and the networks that the user may log in from."
        return [Finding("login", CRITICAL, status.host, status.login_error, "an answer to a query", hint)]
    findings = [
        Finding("ping", OK, status.host, status.version, "Ok."),
        _check_error(
            "session",
            status.host,
            status.session_error,
            "a session with ZooKeeper",
            "Check the ensemble with playbooks/health.yml, and the chroot and the members in config.d/zookeeper.xml.",
        ),
        _check_error(
            "ddl_queue",
            status.host,
            status.ddl_error,
            "the queue of ON CLUSTER statements",
            "The server has not opened its queue; if ZooKeeper is healthy, restart the server.",
        ),
        _check_error(
            "replicated_tables",
            status.host,
            status.replicas_error,
            "readable",
            "Znodes of a replicated table may be missing; the message names the path.",
        ),
    ]
    for row in status.replicas:
        findings += _check_row(status, row, limits, shard_replicas)
    return [finding for finding in findings if peers or finding.check != "active_replicas"]


def _check_error(check: str, host: str, error: str, expected: str, hint: str) -> Finding:
    return Finding(check, CRITICAL if error else OK, host, error or "yes", expected, hint if error else "")


def _check_row(status: ReplicaStatus, row: object, limits: Limits, shard_replicas: int) -> list[Finding]:
    try:
        table = replica_row(row)
    except ValueError as error:
        hint = "Compare: SELECT * FROM system.replicas. Something else may answer on the port of the server."
        expected = "names and numbers of a table"
        return [Finding("replicated_tables", CRITICAL, status.host, f"system.replicas: {error}", expected, hint)]
    return _check_table(status.host, table, limits, shard_replicas) + _check_identity(status, table)


def _check_table(host: str, table: dict, limits: Limits, shard_replicas: int) -> list[Finding]:
    subject = f"{host} {table['database']}.{table['table']}"
    exception = str(table.get("zookeeper_exception") or "")
    if exception:
        hint = "Znodes of the table may be missing; the message names the path."
        return [Finding("replicated_tables", CRITICAL, subject, exception, "readable", hint)]
    findings = [_check_writable(subject, table)]
    # A server that waits for ZooKeeper was not asked for them, and one without a session knows of none: it is readonly.
    if "active_replicas" in table and (table["total_replicas"] or not table["is_readonly"]):
        findings.append(_check_active(subject, table))
    delay = table["absolute_delay"]
    if "delay" in limits:
        findings.append(limits["delay"].finding(subject, delay, found="not known yet" * (delay >= UNKNOWN_DELAY)))
    total, check = table.get("total_replicas", 0), limits.get("total_replicas")
    if total and check and check.healthy(shard_replicas):
        findings.append(check.finding(subject, total))
    return findings


def _check_identity(status: ReplicaStatus, table: dict) -> list[Finding]:
    """The path and the name of the replica are what the macros of the server make of the table's engine."""
    path, replica, _settings = engine_of(status.engines.get((table["database"], table["table"]), ""))
    if not path or not status.macros or not {"zookeeper_path", "replica_name"} <= table.keys():
        return []
    expected = [expand(parameter, status.macros) for parameter in (path, replica)]
    if any("{" in parameter for parameter in expected):
        return []
    found = [str(table[column]) for column in ("zookeeper_path", "replica_name")]
    subject = f"{status.host} {table['database']}.{table['table']}"
    found_text, expected_text = (" as replica ".join(pair) for pair in (found, expected))
    if found == expected:
        return [Finding("identity", OK, subject, found_text, expected_text)]
    hint = (
        "The macros have changed since the table was attached: it will not start again with them. Restore the macros."
    )
    return [Finding("identity", CRITICAL, subject, found_text, expected_text, hint)]


def _check_writable(subject: str, table: dict) -> Finding:
    readonly, expired = table["is_readonly"], table["is_session_expired"]
    if not readonly and not expired:
        return Finding("writable", OK, subject, "writable", "writable")
    hint = "It lost its session or its znodes. It recovers by itself once ZooKeeper is back; if not, restart it."
    return Finding("writable", CRITICAL, subject, "readonly" if readonly else "session expired", "writable", hint)


def _check_active(subject: str, table: dict) -> Finding:
    total, active = table["total_replicas"], table["active_replicas"]
    found = f"{active} of {total}"
    if active == total and total > 0:
        return Finding("active_replicas", OK, subject, found, "all")
    hint = "Another replica of this table is down, or was removed without removing its znodes."
    return Finding("active_replicas", CRITICAL, subject, found, "all", hint)
