# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What every gate does: look, judge, look again until it is well or the time is over."""

from __future__ import annotations

import time
from typing import Callable

from .findings import CRITICAL, Finding, message, troubles

# Between two looks; short against any timeout, long against what a look costs.
INTERVAL = 0.5


def wait_until_well(look: Callable[[], list[Finding]], timeout: float) -> list[Finding]:
    """The findings of the first look without a critical one, or of the last look within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        findings = look()
        left = deadline - time.monotonic()
        if not troubles(findings, CRITICAL) or left <= 0:
            return findings
        time.sleep(min(INTERVAL, left))


def conclude(module, findings: list[Finding], subject: str, **results) -> None:
    """End a gate: fail when a finding is critical, unless the module was asked only to report."""
    results["findings"] = [finding.as_dict() for finding in findings]
    results["healthy"] = not troubles(findings, CRITICAL)
    if results["healthy"] or module.params["report_only"]:
        module.exit_json(changed=False, **results)
    waited = f" after {module.params['timeout']:g} s" if module.params["timeout"] else ""
    module.fail_json(msg=message(findings, f"{subject}{waited}:"), **results)
