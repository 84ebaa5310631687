# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What every health check does: check, and check again until the result is healthy or the time is over."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Callable

from .findings import CRITICAL, Finding, message, problems

# Seconds between two checks: short compared with any timeout, long compared with the cost of a check.
INTERVAL = 0.5


def health_check_options(**options: Any) -> dict[str, Any]:
    """Argument spec that health checks share, and the module's own; documented by the fragment health_check."""
    return {
        "timeout": {"type": "float", "default": 60.0},
        "report_only": {"type": "bool", "default": False},
        **options,
    }


def wait_until_healthy(check: Callable[[], list[Finding]], timeout: float) -> list[Finding]:
    """The findings of the first check without a critical one, or of the last check within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        findings = check()
        remaining = deadline - time.monotonic()
        if not problems(findings, CRITICAL) or remaining <= 0:
            return findings
        time.sleep(min(INTERVAL, remaining))


def exit_with_findings(
    module: Any, findings: list[Finding], summary: str, local: Sequence[Finding] = (), **results: Any
) -> None:
    """End the module: fail when a finding is critical, unless report_only is set.

    local: findings about the host of the module only; returned apart from the others.
    """
    every = [*findings, *local]
    results["findings"] = [finding.as_dict() for finding in findings]
    if local:
        results["local_findings"] = [finding.as_dict() for finding in local]
    results["healthy"] = not problems(every, CRITICAL)
    if results["healthy"] or module.params["report_only"]:
        module.exit_json(**{"changed": False, **results})
    waited = f" after {module.params['timeout']:g} s" if module.params["timeout"] else ""
    module.fail_json(msg=message(every, f"{summary}{waited}:"), **results)
