# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs the module of the same name and compares the host's clock with the control node's."""

from __future__ import annotations

import time

from ansible.plugins.action import ActionBase

from ansible_collections.zoohouse.cluster.plugins.module_utils.clock import compare_with_host


class ActionModule(ActionBase):
    _requires_connection = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        sent = time.time()
        result = self._execute_module(task_vars=task_vars)
        received = time.time()
        if "time" in result:
            result.update(compare_with_host(sent, result["time"], result["time"], received))
        return result
