# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The versions of the shared configuration for people."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.plan import (
    Plan,
    SharedConfigError,
    Stored,
    Version,
    plan,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.report import (
    report_rollback,
    report_versions,
)

RED, GREEN = {"macros/colour": "red"}, {"macros/colour": "green"}
VERSIONS = {
    1: Version(1, RED, "2026-11-27 08:00 UTC", "anna on control"),
    2: Version(2, GREEN, "2026-11-27 09:00 UTC", "ben on control", "version 0 again"),
}
STORED = Stored(current=GREEN, versions=VERSIONS, number=2)
LIST = [
    "Version 1: 2026-11-27 08:00 UTC, anna on control",
    "Version 2: 2026-11-27 09:00 UTC, ben on control (version 0 again)",
]


def test_nothing_is_shared():
    assert report_versions(Stored(), None) == ["Nothing is shared: there is no version."]


def test_all_versions_and_the_newest_one():
    assert report_versions(STORED, None) == [*LIST, "", "Version 2:", "macros/colour: green"]


def test_what_has_changed_since_a_version():
    lines = report_versions(STORED, 1)
    assert lines[:5] == [*LIST, "", "--- version 1", "+++ version 2"]
    assert lines[-2:] == ["-macros/colour: red", "+macros/colour: green"]
    assert report_versions(STORED, 2)[-1] == "Version 2 changes nothing in version 2."
    with pytest.raises(SharedConfigError):
        report_versions(STORED, 3)


def test_what_somebody_has_changed_by_hand():
    lines = report_versions(Stored(current=RED, versions=VERSIONS, number=2), None)
    assert any(line.startswith("Somebody has changed the znodes") for line in lines)
    assert lines[-2:] == ["-macros/colour: green", "+macros/colour: red"]


def test_going_back():
    made = plan(STORED, RED, 10)
    first, hint = report_rollback(made, 1, [])
    assert first == "Version 3 has the values of version 1 again. Written: macros/colour."
    assert "clickhouse_shared_config" in hint
    assert "macros/colour. Run playbooks/restart.yml" in report_rollback(made, 1, ["macros/colour"])[-1]
    unchanged = report_rollback(Plan((), (), VERSIONS[2]), 2, [])
    assert unchanged == ["Version 2 has the values of version 2; nothing was written."]
