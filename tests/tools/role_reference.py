"""Writes the table of variables into the README of each role, from its argument_specs.

Usage: role_reference.py
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

ROLES = Path(__file__).resolve().parents[2] / "roles"
BEGIN, END = "<!-- begin: variables -->", "<!-- end: variables -->"
# Ansible's markup for code: C(text), O(option), V(value), M(module), P(plugin#type).
CODE = re.compile(r"\b[COVMP]\(((?:\\.|[^)\\])+)\)")


def cell(text: str) -> str:
    """Ansible's markup as Markdown, in one line of a table."""
    return CODE.sub(lambda found: f"`{found[1]}`", " ".join(text.split())).replace("|", "\\|")


def row(name: str, option: dict) -> str:
    kind = option["type"] + (f" of {option['elements']}" if "elements" in option else "")
    if option.get("required"):
        default = "required"
    else:
        default = f"`{json.dumps(option['default'], ensure_ascii=False)}`" if "default" in option else ""
    description = option["description"]
    sentences = [description] if isinstance(description, str) else list(description)
    if "choices" in option:
        sentences.append("One of " + ", ".join(f"C({choice})" for choice in option["choices"]) + ".")
    return f"| `{name}` | {kind} | {cell(default)} | {cell(' '.join(sentences))} |"


def table(argument_specs: str) -> str:
    """The table of the first entry point; the others share its variables."""
    options = next(iter(yaml.safe_load(argument_specs)["argument_specs"].values()))["options"]
    head = ["| variable | type | default | description |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *(row(name, option) for name, option in options.items())])


def with_table(readme: str, argument_specs: str) -> str:
    """The README with the current table. Raises ValueError when it lacks the markers."""
    before, begin, rest = readme.partition(BEGIN)
    _table, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"expected {BEGIN} and, after it, {END}")
    return f"{before}{begin}\n\n{table(argument_specs)}\n\n{end}{after}"


def main() -> None:
    for role in sorted(path for path in ROLES.iterdir() if path.is_dir()):
        readme = role / "README.md"
        readme.write_text(with_table(readme.read_text(), (role / "meta" / "argument_specs.yml").read_text()))


if __name__ == "__main__":
    main()
