# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether a service can read its files after a change: found before anything is written."""

from __future__ import annotations

import glob
import os
import re
import shutil
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# What a server of ClickHouse writes itself, from all other files.
GENERATED = shutil.ignore_patterns("preprocessed*", "preprocessed_configs")


@dataclass(frozen=True)
class Check:
    """A command that fails where the service could not read its files.

    command: words; %s in them and in the content stands for the directory of the files, and %f for a file with the
    content. errors: pattern of the lines that count; without it the first one does. lead: what comes before it.
    """

    command: Sequence[str]
    content: str = ""
    errors: str = ""
    lead: str = ""


def xml_problems(wanted: Mapping[str, bytes], changes: Mapping[str, bytes | None], roots: Sequence[str]) -> str:
    """What is wrong with the XML files that are wanted, and with those of somebody else in their directories.

    roots: possible names of the root element; without names nothing is looked at.
    """
    files = {path: new for path, new in wanted.items() if roots and path.endswith(".xml")}
    for directory in sorted({os.path.dirname(path) for path in files}):
        for path in sorted({*glob.glob(os.path.join(directory, "*.xml"))} - changes.keys() - files.keys()):
            with open(path, "rb") as file:
                files[path] = file.read()
    problems = {path: _xml_problem(content, roots) for path, content in files.items()}
    return "; ".join(f"{path}: {problem}" for path, problem in problems.items() if problem)


def _xml_problem(content: bytes, roots: Sequence[str]) -> str:
    """Why a server could not read an XML file; empty when it can. roots: possible names of the root element."""
    try:
        element = ET.fromstring(content)
    except ET.ParseError as error:
        return f"not well-formed XML: {error}"
    if element.tag not in roots:
        return f"found the root element {element.tag}, expected {' or '.join(roots)}"
    both = [child.tag for child in element.iter() if {"replace", "remove"} <= child.attrib.keys()]
    return f"{both[0]} has the attribute replace and the attribute remove" if both else ""


def staged_problem(module, directory: str, changes: Mapping[str, bytes | None], checks: Sequence[Check]) -> str:
    """What the first command that fails says about the directory with the changes; empty when all of them succeed.

    changes: new content by path, None for a file that goes. Without the directory or the program, such as before the
    first installation, nothing is validated.
    """
    if not os.path.isdir(directory):
        return ""
    with tempfile.TemporaryDirectory(dir=module.tmpdir) as place:
        stage = os.path.join(place, os.path.basename(directory))
        shutil.copytree(directory, stage, ignore=GENERATED, ignore_dangling_symlinks=True)
        for path, content in changes.items():
            if path.startswith(f"{directory}/"):
                _change(os.path.join(stage, os.path.relpath(path, directory)), content)
        for check in checks:
            problem = _problem(module, check, stage, place)
            if not problem:
                continue
            # What depends on the service's own environment fails for the live directory, too.
            if not _problem(module, check, directory, place):
                return problem.replace(stage, directory)
            module.warn(f"{directory} cannot be validated, as it is now and with the changes: {problem}")
    return ""


def _change(path: str, content: bytes | None) -> None:
    if content is None:
        os.unlink(path)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    # A copy of a file that only its owner can write.
    if os.path.exists(path):
        os.unlink(path)
    with open(path, "wb") as file:
        file.write(content)


def _problem(module, check: Check, directory: str, place: str) -> str:
    """The line of the errors of a command that counts; empty when it succeeds or does not exist.

    place: a directory for its file.
    """
    if not shutil.which(check.command[0]):
        return ""
    file = os.path.join(place, "validate.xml")
    _change(file, check.content.replace("%s", directory).encode())
    words = [word.replace("%s", directory).replace("%f", file) for word in check.command]
    returncode, out, err = module.run_command(words)
    if returncode == 0:
        return ""
    lines = (err or out).strip().splitlines() or [f"{words[0]} ended with {returncode}"]
    counting = [line for line in lines if re.search(check.errors, line)]
    return f"{check.lead}{counting[0]}" if counting else ""
