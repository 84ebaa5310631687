# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The argument spec of config_tree; the module documents it."""

from __future__ import annotations

from typing import Any

PATH = {"type": "path", "required": True}
OWNER = {"owner": {"type": "str", "default": "root"}, "group": {"type": "str", "default": "root"}}
TEXTS = {"type": "list", "elements": "str", "default": []}


def _mode(default: str) -> dict[str, Any]:
    return {"mode": {"type": "str", "default": default}}


def _dicts(**options: Any) -> dict[str, Any]:
    return {"type": "list", "elements": "dict", "default": [], "options": options}


def config_tree_options() -> dict[str, Any]:
    text = {"type": "str", "required": True}
    trees = {"src": text, "dest": PATH, "plain_files": {"type": "str", "default": ""}, **OWNER, **_mode("0644")}
    return {
        "name": text,
        "service": {"type": "str"},
        "xml_roots": TEXTS,
        "validate_directory": {"type": "path"},
        "validate_commands": {"type": "list", "elements": "list", "default": []},
        "validate_loads": _dicts(
            command={"type": "list", "elements": "str", "required": True},
            content={"type": "str", "default": ""},
            errors={"type": "str", "default": ""},
            lead={"type": "str", "default": ""},
        ),
        # The action plugin renders them.
        "trees": {"type": "list", "elements": "dict", "options": trees},
        "restart_paths": TEXTS,
        "reload_paths": TEXTS,
        "reload_elements": _dicts(path=text, elements=TEXTS),
        # The paths are not secret, only the content of these files.
        "secret_paths": {**TEXTS, "no_log": False},
        "secret_keys": {**TEXTS, "no_log": False},
        "directories": _dicts(path=PATH, parents={"type": "bool", "default": True}, **OWNER, **_mode("0755")),
        "blocks": _dicts(path=PATH, marker=text, block=text),
        "files": _dicts(path=PATH, **OWNER, **_mode("0644")),
        # no_log for all of them: some files hold passwords.
        "contents": {"type": "dict", "default": {}, "no_log": True},
    }
