# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs the module of the same name and compares the host's clock with the control node's."""

from __future__ import annotations

import time

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _requires_connection = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        asked = time.time()
        result = self._execute_module(task_vars=task_vars)
        answered = time.time()
        if "time" in result:
            result["clock_offset"] = round(result["time"] - (asked + answered) / 2, 3)
            result["clock_uncertainty"] = round((answered - asked) / 2, 3)
        return result
