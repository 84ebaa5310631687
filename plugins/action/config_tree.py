# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Renders whole directories of templates on the control node and sends them in one round trip."""

from __future__ import annotations

import base64
import os

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.template import trust_as_template

SUFFIX = ".j2"


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        args = dict(self._task.args)
        contents: dict[str, str] = {}
        files = []
        for tree in args.pop("trees", []):
            for path, text in self._render(tree, task_vars or {}):
                if path in contents:
                    raise AnsibleActionFail(f"two templates render the same file: {path}")
                contents[path] = base64.b64encode(text.encode()).decode()
                files.append({"path": path, **{key: tree[key] for key in ("owner", "group", "mode") if key in tree}})
        args.update(files=files, contents=contents)
        return self._execute_module(module_args=args, task_vars=task_vars)

    def _render(self, tree, task_vars):
        """(path on the host, text) for each template below src, except for those that render to nothing."""
        if not tree.get("src") or not tree.get("dest"):
            raise AnsibleActionFail("trees: each entry needs src and dest")
        source = self._find_needle("templates", tree["src"])
        templar = self._templar.copy_with_new_env(
            searchpath=[source, os.path.dirname(source)], available_variables=task_vars
        )
        for directory, subdirectories, names in os.walk(source):
            subdirectories.sort()
            # Only templates: other files, such as an editor's backup, must not reach a host.
            for name in sorted(name for name in names if name.endswith(SUFFIX)):
                template = os.path.join(directory, name)
                rendered = templar.template(
                    trust_as_template(self._loader.get_text_file_contents(template)),
                    escape_backslashes=False,
                    overrides={"lstrip_blocks": True, "trim_blocks": True},
                )
                # Ansible renders an empty template to None.
                text = "" if rendered is None else str(rendered)
                if text.strip():
                    relative = os.path.relpath(template, source).removesuffix(SUFFIX)
                    yield os.path.join(tree["dest"], relative), text if text.endswith("\n") else text + "\n"
