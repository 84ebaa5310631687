# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A change that the service has not read is undone."""

import json

import pytest
from helpers import run_module, systemctl

from ansible_collections.zoohouse.cluster.plugins.module_utils import config_record
from ansible_collections.zoohouse.cluster.plugins.modules import config_put_back


@pytest.fixture
def changed(monkeypatch, tmp_path):
    """run(invocation) runs the module for a file that was changed while run-1 was the running invocation."""
    _log, state = systemctl(monkeypatch, tmp_path)
    monkeypatch.setattr(config_record, "RECORDS", str(tmp_path))
    file = tmp_path / "a.xml"
    file.write_text("old")
    config_record.backup_of("unit").keep([str(file)], fresh=True)
    file.write_text("new")
    (tmp_path / "unit.json").write_text(json.dumps({str(file): "run-1"}))

    def run(invocation, check=False, active="active"):
        state.write_text(f"ActiveState={active}\nInvocationID={invocation}\n")
        return run_module(monkeypatch, config_put_back.main, {"name": "unit", "service": "unit.service"}, check)

    run.file, run.record = file, tmp_path / "unit.json"
    return run


def test_files_that_wait_for_a_restart_are_put_back(changed):
    result = changed("run-1")
    assert (result["changed"], result["paths"]) == (True, [str(changed.file)])
    assert changed.file.read_text() == "old"
    # Nothing is pending any more.
    assert json.loads(changed.record.read_text()) == {str(changed.file): ""}
    assert changed("run-1")["changed"] is False


def test_files_that_the_service_has_read_stay(changed):
    assert changed("run-2")["changed"] is False
    # Somebody has stopped it: nobody knows what it should start with.
    assert changed("run-1", active="inactive")["changed"] is False
    assert changed.file.read_text() == "new"


def test_check_mode_changes_nothing(changed):
    assert changed("run-1", check=True)["changed"] is False
    assert changed.file.read_text() == "new"
