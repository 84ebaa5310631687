# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The report as JSON and as JUnit XML."""

import json
from xml.etree import ElementTree

import jsonschema
import pytest
from helpers import CHECKOUT
from hypothesis import given
from hypothesis import strategies as st
from reports import SITUATIONS, finding, hostvars, report, situation

from ansible_collections.zoohouse.cluster.plugins.module_utils.report.collect import REPLICA
from ansible_collections.zoohouse.cluster.plugins.module_utils.report.files import render_json, render_junit

SCHEMA = json.loads((CHECKOUT / "docs" / "health-report.schema.json").read_text())
TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_json_fits_its_schema(name):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    result = json.loads(render_json(report(name)))
    jsonschema.Draft202012Validator(SCHEMA).validate(result)
    assert result == report(name)


def test_the_schema_knows_every_field_and_the_documentation_names_it():
    text = (CHECKOUT / "docs" / "health-report.md").read_text()

    def names(schema):
        for name, part in schema.get("properties", {}).items():
            yield name
            yield from names(part)
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False
            assert set(schema["required"]) == set(schema["properties"])
        if "items" in schema:
            yield from names(schema["items"])

    found = {name for part in (SCHEMA, *SCHEMA["$defs"].values()) for name in names(part)}
    assert len(found) > 50
    assert {name for name in found if f"`{name}`" not in text} == set()


def test_a_critical_finding_is_a_failure_and_a_warning_passes_with_its_text():
    root = ElementTree.fromstring(render_junit(report("orphan")))
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["ensemble", "replication", "layout", "drift"]
    assert {name: suite.get("failures") for name, suite in suites.items()} == {
        "ensemble": "0",
        "replication": "0",
        "layout": "1",
        "drift": "0",
    }
    (failure,) = root.iter("failure")
    assert "Remove it" in failure.text
    (output,) = root.iter("system-out")
    assert output.text.startswith("warning: ch4 demo.hits: schema_drift")
    for suite in suites.values():
        assert int(suite.get("tests")) == len(suite.findall("testcase"))


def test_a_part_that_was_not_checked_is_skipped():
    root = ElementTree.fromstring(render_junit(situation(hostvars("healthy"), ["ensemble"])))
    assert [suite.get("name") for suite in root if suite.get("skipped") == "1"] == ["replication", "layout", "drift"]


@given(TEXT, TEXT, TEXT)
def test_any_text_gives_well_formed_files(subject, found, hint):
    changed = hostvars("healthy")
    changed["ch1"][REPLICA]["findings"] = [finding("writable", "critical", subject, found, found, hint)]
    result = situation(changed)
    assert json.loads(render_json(result)) == result
    ElementTree.fromstring(render_junit(result).encode())
