# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Renders whole directories of templates on the control node and sends them in one round trip."""

from __future__ import annotations

import base64
import os

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.zoohouse.cluster.plugins.plugin_utils.config_tree import plain_tree, render_tree


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        args = dict(self._task.args)
        contents: dict[str, str] = {}
        files = []
        for tree in args.pop("trees", []):
            if not tree.get("src") or not tree.get("dest"):
                raise AnsibleActionFail("trees: each entry needs src and dest")
            source = self._find_needle("templates", tree["src"])
            if tree.get("plain_files"):
                texts = plain_tree(source, tree["plain_files"])
            else:
                texts = render_tree(self._loader, self._templar, source, task_vars or {})
            for relative, text in texts:
                path = os.path.join(tree["dest"], relative)
                if path in contents:
                    raise AnsibleActionFail(f"two templates render the same file: {path}")
                contents[path] = base64.b64encode(text.encode()).decode()
                files.append({"path": path, **{key: tree[key] for key in ("owner", "group", "mode") if key in tree}})
        args.update(files=files, contents=contents)
        return self._execute_module(module_args=args, task_vars=task_vars)
