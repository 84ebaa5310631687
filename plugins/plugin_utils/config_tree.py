# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Renders directories of templates on the control node."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.template import trust_as_template

SUFFIX = ".j2"


def render_tree(loader: Any, templar: Any, source: str, variables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(path below the directory, text) for each template below `source`, except for those that render to nothing."""
    own = templar.copy_with_new_env(searchpath=[source, os.path.dirname(source)], available_variables=variables)
    for directory, subdirectories, names in os.walk(source):
        subdirectories.sort()
        # Only templates: other files, such as an editor's backup, must not reach a host.
        for name in sorted(name for name in names if name.endswith(SUFFIX)):
            template = os.path.join(directory, name)
            rendered = own.template(
                trust_as_template(loader.get_text_file_contents(template)),
                escape_backslashes=False,
                overrides={"lstrip_blocks": True, "trim_blocks": True},
            )
            # Ansible renders an empty template to None.
            text = "" if rendered is None else str(rendered)
            if text.strip():
                relative = os.path.relpath(template, source).removesuffix(SUFFIX)
                yield relative, text if text.endswith("\n") else text + "\n"
