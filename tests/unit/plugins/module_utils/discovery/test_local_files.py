# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The files of the agent."""

import pytest
from installed_agent import InstalledAgent

from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.local_files import LocalFiles
from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.settings import parse_settings


@pytest.fixture
def files(tmp_path):
    installed = InstalledAgent(tmp_path, 8123, "127.0.0.1:2181")
    installed.runtime_dir.mkdir()
    return LocalFiles(parse_settings((tmp_path / "settings.json").read_text()))


@pytest.mark.parametrize("keep", [False, True])
def test_draining_until_it_is_undone(files, keep):
    assert not files.draining()
    files.drain(keep)
    files.drain(keep)
    assert files.draining()
    files.undrain()
    assert not files.draining()


def test_each_one_ends_only_its_own(files):
    files.drain(False)
    files.drain(False, "restart")
    files.undrain("restart")
    assert files.draining() == "operator"
    files.drain(True, "restart")
    files.undrain("operator")
    assert files.draining() == "restart"
    files.undrain()
    assert files.draining() == ""


def test_draining_for_a_time(files):
    files.drain(False, "restart", 3600)
    assert files.draining() == "restart"
    files.drain(False, "restart", -1)
    assert files.draining() == ""


def test_the_last_session_is_remembered(files, tmp_path):
    assert files.last_session() == 0
    files.remember_session(-72057594037927936)
    assert files.last_session() == -72057594037927936
    (tmp_path / "state" / "session").write_text("broken")
    assert files.last_session() == 0


def test_the_status_is_there_until_it_is_removed(files, tmp_path):
    assert files.status() == {}
    files.write_status({"state": "up"})
    assert files.status() == {"state": "up"}
    files.remove_status()
    files.remove_status()
    assert files.status() == {}
    (tmp_path / "run" / "status.json").write_text("{")
    assert files.status() == {}
