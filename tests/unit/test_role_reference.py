# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The README of each role has the current table of its variables."""

import importlib.util

import pytest
from helpers import CHECKOUT

ROLES = sorted(path.parents[1].name for path in (CHECKOUT / "roles").glob("*/meta/argument_specs.yml"))
LOADED = importlib.util.spec_from_file_location("role_reference", CHECKOUT / "tests" / "tools" / "role_reference.py")
role_reference = importlib.util.module_from_spec(LOADED)
LOADED.loader.exec_module(role_reference)


@pytest.mark.parametrize("role", ROLES)
def test_the_table_of_a_role_is_current(role):
    readme = (CHECKOUT / "roles" / role / "README.md").read_text()
    specs = (CHECKOUT / "roles" / role / "meta" / "argument_specs.yml").read_text()
    assert role_reference.with_table(readme, specs) == readme, "run `make reference`"


def test_a_row_has_type_default_and_description():
    option = {"type": "list", "elements": "str", "default": [], "description": ["Names, V(a|b).", "Or\n  none."]}
    assert role_reference.row("x_names", option) == "| `x_names` | list of str | `[]` | Names, `a\\|b`. Or none. |"


def test_required_variables_and_choices():
    option = {"type": "str", "required": True, "choices": ["a", "b"], "description": "Level."}
    assert role_reference.row("x_level", option) == "| `x_level` | str | required | Level. One of `a`, `b`. |"


def test_the_text_around_the_table_stays():
    specs = "argument_specs: {main: {options: {x: {type: int, default: 1, description: One.}}}}"
    old = f"# Role\n\n{role_reference.BEGIN}\nold\n{role_reference.END}\n\nMore.\n"
    new = role_reference.with_table(old, specs)
    assert new.startswith("# Role\n\n") and new.endswith("\n\nMore.\n")
    assert "| `x` | int | `1` | One. |" in new and "old" not in new


def test_a_readme_without_markers_is_an_error():
    with pytest.raises(ValueError, match="begin: variables"):
        role_reference.with_table("# Role\n", "argument_specs: {main: {options: {}}}")
