"""Counts the tasks that ran on each host, without those that run on the control node only."""

from __future__ import annotations

import json
import os
from collections import Counter

from ansible.plugins.callback import CallbackBase

CONTROLLER = (
    "assert",
    "debug",
    "fail",
    "include_role",
    "include_tasks",
    "set_fact",
    "topology",
    "validate_argument_spec",
    "validate_groups",
)


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "rounds"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self):
        super().__init__()
        self.rounds = Counter()
        self.changed = 0

    def v2_runner_on_ok(self, result):
        if result.task.action.rpartition(".")[2] not in CONTROLLER:
            self.rounds[result.host.get_name()] += 1
            self.changed += bool(result.result.get("changed"))

    def v2_playbook_on_stats(self, stats):
        with open(os.environ["ROUNDS_FILE"], "w") as file:
            json.dump({"rounds": self.rounds, "changed": self.changed}, file)
