# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Judge what a replica says of itself. Pure: a reading in, findings out."""

from __future__ import annotations

from ..findings import CRITICAL, OK, Finding
from .reading import Reading

# Altinity's ClickHouse alert rules.
MAX_DELAY_SECONDS = 300
# Until the session of a killed process has expired, 18.16 reports a delay of about Unix time.
NO_DELAY_YET = 365 * 24 * 3600


def judge(reading: Reading, max_delay: float = MAX_DELAY_SECONDS, peers: bool = True) -> list[Finding]:
    """Is the replica up, in session with ZooKeeper, writable, in step, and are all replicas of its tables active.

    peers: whether the other replicas of its tables count. max_delay: in seconds.
    """
    if reading.ping_error:
        hint = f"Look at `systemctl status clickhouse-server` and its error log on {reading.host}."
        return [Finding("ping", CRITICAL, reading.host, reading.ping_error, "Ok.", hint)]
    if reading.login_error:
        hint = "Check the user and the password that are used here, and the networks that the user may come from."
        return [Finding("login", CRITICAL, reading.host, reading.login_error, "an answer to a query", hint)]
    findings = [
        Finding("ping", OK, reading.host, reading.version, "Ok."),
        _answer(
            "session",
            reading,
            reading.session_error,
            "a session with ZooKeeper",
            "Check the ensemble with playbooks/health.yml, and the chroot and the members in config.d/zookeeper.xml.",
        ),
        _answer(
            "ddl_queue",
            reading,
            reading.ddl_error,
            "the queue of ON CLUSTER statements",
            "The server has not opened its queue; if ZooKeeper is well, restart the server.",
        ),
        _answer(
            "replicated_tables",
            reading,
            reading.replicas_error,
            "readable",
            "Znodes of a replicated table may be gone; the message names the path.",
        ),
    ]
    for table in reading.replicas:
        findings += _table(reading.host, table, max_delay)
    return [finding for finding in findings if peers or finding.check != "active_replicas"]


def _answer(check: str, reading: Reading, error: str, expected: str, hint: str) -> Finding:
    return Finding(check, CRITICAL if error else OK, reading.host, error or "yes", expected, hint if error else "")


def _table(host: str, table: dict, max_delay: float) -> list[Finding]:
    subject = f"{host} {table['database']}.{table['table']}"
    delay = int(table["absolute_delay"])
    total, active = int(table["total_replicas"]), int(table["active_replicas"])
    exception = str(table.get("zookeeper_exception") or "")
    if exception:
        hint = "Znodes of the table may be gone; the message names the path."
        return [Finding("replicated_tables", CRITICAL, subject, exception, "readable", hint)]
    return [
        _state(
            "writable",
            subject,
            not int(table["is_readonly"]) and not int(table["is_session_expired"]),
            "readonly" if int(table["is_readonly"]) else "session expired",
            "writable",
            "It has lost its session or its znodes. It mends itself once ZooKeeper is back; if not, restart it.",
        ),
        _state(
            "delay",
            subject,
            delay <= max_delay,
            "not known yet" if delay >= NO_DELAY_YET else f"{delay} s",
            f"at most {max_delay:g} s",
            "It is fetching what it missed, or waits for the session of its former process to expire.",
        ),
        _state(
            "active_replicas",
            subject,
            active == total and total > 0,
            f"{active} of {total}",
            "all",
            "Another replica of this table is down, or was removed without cleaning its znodes.",
        ),
    ]


def _state(check: str, subject: str, well: bool, found: str, expected: str, hint: str) -> Finding:
    if well:
        return Finding(check, OK, subject, expected if check == "writable" else found, expected)
    return Finding(check, CRITICAL, subject, found, expected, hint)
