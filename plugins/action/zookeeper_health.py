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
        sent = time.time()
        result = self._execute_module(task_vars=task_vars)
        received = time.time()
        if "clock" in result:
            # As in NTP (RFC 5905): the time that the module took is no error, only the time of the connection is.
            started, ended = result["clock"]
            result["clock_offset"] = round((started - sent + ended - received) / 2, 3)
            result["clock_uncertainty"] = round((received - sent - (ended - started)) / 2, 3)
        return result
