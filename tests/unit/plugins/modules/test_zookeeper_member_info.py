# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The deployed state of a member."""

import os

import pytest
from helpers import run_module

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper import deployed, disk
from ansible_collections.zoohouse.cluster.plugins.modules import zookeeper_member_info


def result(monkeypatch, tmp_path):
    """Of the module on a host where no member runs, without what depends on the host."""
    monkeypatch.setattr(deployed, "find_process", lambda: None)
    monkeypatch.setattr(deployed, "PACKAGED_CONFIG", str(tmp_path / "packaged.cfg"))
    args = {
        "data_dir": str(tmp_path / "data"),
        "data_log_dir": str(tmp_path / "log"),
        "config_dir": str(tmp_path / "own"),
        "bootstrap_record": str(tmp_path / "bootstrapped"),
    }
    found = run_module(monkeypatch, zookeeper_member_info.main, args, check=True)
    assert (found.pop("data_dir"), found.pop("data_log_dir")) == (args["data_dir"], args["data_log_dir"])
    assert found.pop("resolved") == {name: os.path.realpath(args[name]) for name in ("data_dir", "data_log_dir")}
    return found


def test_a_new_member_has_nothing(monkeypatch, tmp_path):
    assert result(monkeypatch, tmp_path) == {
        "changed": False,
        "files": [],
        "myid": None,
        "initialize": False,
        "bootstrapped": False,
        "deployed": None,
        "restart_pending": False,
        "listeners": {},
        "packages": {},
    }


def test_a_member_that_has_run(monkeypatch, tmp_path):
    for name in (
        "data/version-2/snapshot.0",
        "log/version-2/log.1",
        "log/initialize",
        "data/initialize",
        "bootstrapped",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "data" / "myid").write_text("2\n")
    assert result(monkeypatch, tmp_path) == {
        "changed": False,
        "files": ["log.1", "snapshot.0"],
        "myid": 2,
        "initialize": True,
        "bootstrapped": True,
        "deployed": None,
        "restart_pending": False,
        "listeners": {},
        "packages": {},
    }


def test_the_marker_counts_only_beside_the_transaction_logs(monkeypatch, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "initialize").touch()
    assert result(monkeypatch, tmp_path)["initialize"] is False


@pytest.mark.parametrize(
    ("content", "myid"), [(b" 7 \n", 7), (b"", None), (b"zk1", None), (b"\xff\xfe", None), (b"-1", None)]
)
def test_myid(tmp_path, content, myid):
    (tmp_path / "myid").write_bytes(content)
    assert disk.read_myid(str(tmp_path)) == myid


def test_a_directory_that_cannot_be_read_is_not_an_empty_one(tmp_path):
    (tmp_path / "version-2").symlink_to("version-2")
    with pytest.raises(OSError, match="version-2"):
        disk.names_below(str(tmp_path))


def test_a_deployed_member(monkeypatch, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "zoo.cfg").write_text(f"dataDir={tmp_path / 'data'}\nclientPort=2181\n")
    found = result(monkeypatch, tmp_path)["deployed"]
    assert (found["own"], found["running"], found["data_dir"]) == (True, False, str(tmp_path / "data"))
