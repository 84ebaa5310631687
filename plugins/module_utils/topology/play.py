# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What the roles need of the play that uses them: all hosts take each step together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..findings import Finding, validation_error


def validate_play(name: str, strategy: str, linear: bool, batch: int, hosts: int) -> list[Finding]:
    """Validation errors for a play that would break the order of restarts.

    linear: whether the strategy is linear or derives from it. hosts: number of hosts of the play.
    batch: hosts in the first batch of `serial`, 0 without one.
    """
    errors = []
    if not linear:
        hint = (
            "Under another strategy, hosts restart at the same time. Set strategy: ansible.builtin.linear in the play; "
            "it takes precedence over ANSIBLE_STRATEGY and ansible.cfg."
        )
        errors.append(validation_error("strategy", f"play {name}", strategy, "linear", hint))
    if 0 < batch < hosts:
        hint = (
            "Remove it: the roles restart one host after the other by themselves, and members that start for the first "
            "time need each other."
        )
        found = f"batches of {batch} of {hosts} hosts"
        errors.append(validation_error("serial", f"play {name}", found, "all hosts in one batch", hint))
    return errors


def validate_become(results: Mapping[str, Mapping[str, Any] | None]) -> list[Finding]:
    """Validation errors for hosts on which the play has no rights of root.

    results: what host_info returned, by host; None for a host that is not in this run.
    """
    hint = "Run the playbook with -b (--become), or set ansible_become: true in the inventory."
    return [
        validation_error("become", host, f"the user {result.get('user')}", "root", hint)
        for host, result in results.items()
        if result and result.get("root") is False
    ]
