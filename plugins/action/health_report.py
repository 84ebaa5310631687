# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The health report of all hosts: as data, as a table, and as files on the control node."""

from __future__ import annotations

import os
from datetime import datetime, timezone

from ansible.plugins.action import ActionBase

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import from_dicts, table
from ansible_collections.zoohouse.cluster.plugins.module_utils.report.collect import plain
from ansible_collections.zoohouse.cluster.plugins.module_utils.report.model import build_report
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.report.write import write_report


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        hosts = {"type": "list", "elements": "str", "required": True}
        _result, arguments = self.validate_argument_spec(
            {"members": hosts, "replicas": hosts, "directory": {"type": "str", "default": ""}}
        )
        task_vars = task_vars or {}
        report = build_report(
            task_vars["hostvars"],
            arguments["members"],
            arguments["replicas"],
            task_vars.get("ansible_run_tags") or ["all"],
            task_vars.get("ansible_skip_tags") or [],
            datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        files, error = [], ""
        if arguments["directory"]:
            try:
                files = write_report(report, os.path.abspath(os.path.expanduser(arguments["directory"])))
            except OSError as problem:
                # The table is more important than the files: the playbook shows it first, and fails then.
                error = f"The files of the report were not written: {problem}."
        lines = table(from_dicts(plain(report["findings"])))
        return {"changed": False, "report": report, "table": lines, "files": files, "error": error}
