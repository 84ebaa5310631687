# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The command zoohouse-agent without an agent that runs."""

import json

import pytest
from installed_agent import InstalledAgent

from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.command import main


@pytest.fixture
def installed(tmp_path):
    return InstalledAgent(tmp_path, 8123, "127.0.0.1:2181")


def run(installed, *arguments):
    return main(["--config", str(installed.directory / "settings.json"), *arguments])


def test_the_installed_script_runs_where_the_collection_cannot_be_imported(installed):
    result = installed.run("--help")
    assert result.returncode == 0 and "drain" in result.stdout


def test_status_without_an_agent(installed, capsys):
    assert run(installed, "status") == 2
    assert "no agent runs" in capsys.readouterr().err


def test_a_status_that_is_too_old_is_that_of_no_agent(installed):
    installed.runtime_dir.mkdir()
    (installed.runtime_dir / "status.json").write_text(json.dumps({"state": "up", "checked": 0}))
    assert run(installed, "status") == 2


def test_draining_without_an_agent(installed, capsys):
    assert run(installed, "drain") == 2
    assert "--keep" in capsys.readouterr().err
    assert run(installed, "drain", "--keep") == 0
    assert (installed.state_dir / "drain").exists()
    assert run(installed, "undrain") == 0 and run(installed, "undrain") == 0
    assert not (installed.state_dir / "drain").exists()


@pytest.mark.parametrize(("text", "message"), [("{", "not JSON"), ("{}", "cluster: missing")])
def test_settings_that_are_not_valid(installed, capsys, text, message):
    (installed.directory / "settings.json").write_text(text)
    assert run(installed, "run") == 2
    assert message in capsys.readouterr().err


def test_settings_that_are_missing(installed, capsys):
    (installed.directory / "settings.json").unlink()
    assert run(installed, "status") == 2
    assert "settings.json" in capsys.readouterr().err
