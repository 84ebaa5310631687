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
        started = time.time()
        result = self._execute_module(task_vars=task_vars)
        ended = time.time()
        if "time" in result:
            result["clock_offset"] = round(result["time"] - (started + ended) / 2, 3)
            result["clock_uncertainty"] = round((ended - started) / 2, 3)
        return result
