# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Restarts one service of the host: under a lock, with checks before and after."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Callable

from .config_record import backup_of, put_back, restart_pending
from .findings import CRITICAL, Finding, message, problems
from .health_check import wait_until_healthy
from .zookeeper.lock import LockError, is_recorded, record

Check = Callable[[], list[Finding]]


def restart_options(service: str, **options: Any) -> dict[str, Any]:
    """Argument spec that restart modules share, and the module's own; documented by the fragment restart."""
    return {
        "service": {"type": "str", "default": service},
        "config": {"type": "str", "default": ""},
        "request": {"type": "str", "default": ""},
        "holder": {"type": "str", "default": "a run without a name"},
        "timeout": {"type": "float", "default": 120.0},
        **options,
    }


def restart(
    module: Any,
    lock: AbstractContextManager,
    before: Check,
    after: Check,
    aside: Callable[[], AbstractContextManager] = nullcontext,
) -> bool:
    """Whether the service was restarted: not when another run did it, for the files of O(config) or for O(request).

    lock: held from the check before the restart until the service is healthy again, so that no other run restarts
    another host in between, and looked at again right before the stop; its client records O(request). A member that is
    down has no lock, and so no client. Ends the module with the findings when a check fails. When the service is not
    healthy with the files of O(config), it is restarted with those before the change. aside: takes the host out of its
    balancers meanwhile.
    """
    service, config = module.params["service"], module.params["config"]
    request = module.params["request"]
    with lock as lease:
        client = lease.client if lease else None
        if request and client and is_recorded(client, request):
            return False
        if config and not request and not restart_pending(module, config, service):
            return False
        findings = _wait(module, before)
        if problems(findings, CRITICAL):
            _fail(module, findings, _lead(module, "cannot be restarted now"))
        with aside():
            # Checks and open queries take longer than a session that is cut off lasts: somebody else may hold the lock.
            if lease and not lease.is_held():
                raise LockError("The lock was lost before the restart, with its session. Run the playbook again.")
            findings = _restarted(module, after)
            if problems(findings, CRITICAL):
                lead = _lead(module, "was restarted and is not healthy")
                paths = put_back(module, config) if config else []
                if not paths:
                    _fail(module, findings, lead)
                again = _restarted(module, after)
                state = "is not healthy with them either" if problems(again, CRITICAL) else "is healthy with them"
                text = f"The files before the change were put back, and the service {state}: {', '.join(paths)}."
                _fail(module, findings, lead, text, put_back=paths)
            if config:
                backup_of(config).discard()
            if request and client:
                record(client, request, module.params["holder"])
    return True


def would_restart(module: Any) -> bool:
    """Whether a restart is due, as far as the host knows it: for check mode."""
    config = module.params["config"]
    return bool(module.params["request"]) or not config or restart_pending(module, config, module.params["service"])


def _restarted(module: Any, after: Check) -> list[Finding]:
    """The findings after a restart, healthy or when the time is over."""
    service = module.params["service"]
    code, _output, error = module.run_command(["systemctl", "restart", service])
    findings = _wait(module, after)
    if code and not problems(findings, CRITICAL):
        findings = [*findings, Finding("restart", CRITICAL, service, error.strip(), "a service that starts")]
    return findings


def _wait(module: Any, check: Check) -> list[Finding]:
    return wait_until_healthy(check, module.params["timeout"])


def _lead(module: Any, what: str) -> str:
    return f"{module.params['service']} {what} after {module.params['timeout']:g} s:"


def _fail(module: Any, findings: list[Finding], lead: str, more: str = "", **results: Any) -> None:
    text = "\n".join(filter(None, (message(findings, lead), more)))
    module.fail_json(msg=text, findings=[finding.as_dict() for finding in findings], **results)
