# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Renders directories of templates on the control node, and reads those of plain files."""

from __future__ import annotations

import contextlib
import fnmatch
import os
from collections.abc import Iterator, Mapping
from typing import Any

import jinja2
from ansible.errors import AnsibleError
from ansible.template import trust_as_template

SUFFIX = ".j2"


def render_tree(loader: Any, templar: Any, source: str, variables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(path below the directory, text) for each template below `source`, except for those that render to nothing."""
    templates = {path: loader.get_text_file_contents(os.path.join(source, path)) for path in _templates(source)}
    own = templar.copy_with_new_env(
        searchpath=[source, os.path.dirname(source)], available_variables=_evaluated(templar, templates, variables)
    )
    for path, template in templates.items():
        rendered = own.template(
            trust_as_template(template),
            escape_backslashes=False,
            overrides={"lstrip_blocks": True, "trim_blocks": True},
        )
        # Ansible renders an empty template to None.
        text = "" if rendered is None else str(rendered)
        if text.strip():
            yield path.removesuffix(SUFFIX), text if text.endswith("\n") else text + "\n"


def _templates(source: str) -> Iterator[str]:
    """Paths below the directory. Only templates: other files, such as an editor's backup, must not reach a host."""
    for directory, subdirectories, names in os.walk(source):
        subdirectories.sort()
        for name in sorted(name for name in names if name.endswith(SUFFIX)):
            yield os.path.relpath(os.path.join(directory, name), source)


def _evaluated(templar: Any, templates: Mapping[str, str], variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables, with the values of those that templates use; Ansible would evaluate them again at each use."""
    parsed = [jinja2.Environment().parse(text) for text in templates.values()]
    names = {node.name for template in parsed for node in template.find_all(jinja2.nodes.Name)}
    evaluated = dict(variables)
    for name in sorted(names):
        if isinstance(variables.get(name), str):
            # No template may come to a variable that has no value; if one does, it says so.
            with contextlib.suppress(AnsibleError):
                evaluated[name] = templar.template(variables[name])
    return evaluated


def plain_tree(source: str, pattern: str) -> Iterator[tuple[str, str]]:
    """(name, text) of the files of a directory whose names match a shell pattern, as they are."""
    for name in sorted(fnmatch.filter(os.listdir(source), pattern)):
        with open(os.path.join(source, name), encoding="utf-8") as file:
            yield name, file.read()
