# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Restarts one service of the host: under a lock, with checks before and after."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Callable

from .config_tree import restart_pending
from .findings import CRITICAL, Finding, message, problems
from .health_check import wait_until_healthy

Check = Callable[[], list[Finding]]


def restart_options(service: str, **options: Any) -> dict[str, Any]:
    """Argument spec that restart modules share, and the module's own; documented by the fragment restart."""
    return {
        "service": {"type": "str", "default": service},
        "config": {"type": "str", "default": ""},
        "holder": {"type": "str", "default": "a run without a name"},
        "timeout": {"type": "float", "default": 120.0},
        **options,
    }


def restart(module: Any, lock: AbstractContextManager, before: Check, after: Check) -> bool:
    """Whether the service was restarted: not when O(config) names files whose restart another run has performed.

    lock: held from the check before the restart until the service is healthy again, so that no other run restarts
    another host in between. Ends the module with the findings when a check fails.
    """
    service, config = module.params["service"], module.params["config"]
    with lock:
        if config and not restart_pending(module, config, service):
            return False
        _wait(module, before, f"{service} cannot be restarted now")
        module.run_command(["systemctl", "restart", service], check_rc=True)
        _wait(module, after, f"{service} was restarted and is not healthy")
    return True


def _wait(module: Any, check: Check, lead: str) -> None:
    timeout = module.params["timeout"]
    findings = wait_until_healthy(check, timeout)
    if problems(findings, CRITICAL):
        results = [finding.as_dict() for finding in findings]
        module.fail_json(msg=message(findings, f"{lead} after {timeout:g} s:"), findings=results)
