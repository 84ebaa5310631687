# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Takes a replica out of its balancers while it is restarted, through the agent on its host."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

AGENT = "/usr/local/sbin/zoohouse-agent"
OWNER = "restart"
# Exit codes of the agent's command: it did so; the time was over; no agent runs.
DONE, NOT_YET, UNKNOWN = 0, 1, 2


@contextmanager
def out_of_balancers(module: Any, agent: str, wait: float) -> Iterator[None]:
    """Drains the replica, and returns it afterwards. Nothing happens without an agent, or when wait is 0.

    wait: seconds for open queries to end; those that are open then end with the restart. Ends the module when the
    replica was restarted and takes no queries.
    """
    if not wait or not os.path.exists(agent):
        yield
        return
    timeout = module.params["timeout"]
    # If this ends before it can return the replica, that comes by itself.
    lifetime = wait + 3 * timeout
    drain = [agent, "drain", "--owner", OWNER, "--for", f"{lifetime:g}", "--wait", f"{wait:g}"]
    code, _output, error = module.run_command(drain)
    if code not in (DONE, NOT_YET, UNKNOWN):
        module.warn(f"{agent} drain: {error.strip()}")
    undrain = [agent, "undrain", "--owner", OWNER]
    try:
        yield
    except BaseException:
        module.run_command(undrain)
        raise
    code, _output, error = module.run_command([*undrain, "--wait", f"{timeout:g}"])
    if code == NOT_YET:
        lead = f"{module.params['service']} was restarted, and the replica takes no queries from balancers"
        module.fail_json(msg=f"{lead} {error.strip()}", findings=[])
