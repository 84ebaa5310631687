# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The report as JSON and as JUnit XML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from ..findings import CRITICAL, WARNING, Finding
from .collect import plain

# What XML 1.0 does not allow, not even escaped.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_json(report: Mapping[str, Any]) -> str:
    """ASCII, so that names that are not valid Unicode do no harm."""
    return json.dumps(report, indent=2, allow_nan=False) + "\n"


def render_junit(report: Mapping[str, Any]) -> str:
    """One suite for each part, one case for each finding. Critical is a failure; a warning passes, with its text."""
    root = ElementTree.Element("testsuites", name="zoohouse health")
    for part in report["parts"]:
        findings = [item for item in report["findings"] if item["part"] == part["name"]]
        suite = ElementTree.SubElement(root, "testsuite", name=part["name"], timestamp=xml_text(report["generated"]))
        suite.set("tests", str(max(1, len(findings))))
        suite.set("failures", str(part["counts"][CRITICAL]))
        suite.set("errors", "0")
        suite.set("skipped", str(int(not findings)))
        for item in findings:
            _case(suite, part["name"], item)
        if not findings:
            # A suite without cases would look like a success.
            case = ElementTree.SubElement(suite, "testcase", classname=part["name"], name="not checked")
            ElementTree.SubElement(case, "skipped", message="This run did not check it.")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def xml_text(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)


def _case(suite: ElementTree.Element, part: str, item: Mapping[str, str]) -> None:
    name = xml_text(f"{item['check']} {item['subject']}")
    case = ElementTree.SubElement(suite, "testcase", classname=part, name=name)
    sentence = xml_text(Finding(**plain([item])[0]).sentence())
    if item["severity"] == CRITICAL:
        failure = ElementTree.SubElement(case, "failure", message=xml_text(item["found"]), type=item["check"])
        failure.text = sentence
    elif item["severity"] == WARNING:
        ElementTree.SubElement(case, "system-out").text = f"warning: {sentence}"
