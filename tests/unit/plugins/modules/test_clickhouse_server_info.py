# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The deployed state of a replica."""

from helpers import run_module

from ansible_collections.zoohouse.cluster.plugins.modules import clickhouse_server_info


def test_a_host_without_a_server(monkeypatch, tmp_path):
    result = run_module(monkeypatch, clickhouse_server_info.main, {"config_dir": str(tmp_path)}, check=True)
    installed = {"packages": {}, "architecture": "", "archive_version": "", "files": {}}
    assert result == {"changed": False, "deployed": None, "restart_pending": False, "listeners": {}, **installed}


def test_a_deployed_server(monkeypatch, tmp_path):
    (tmp_path / "config.xml").write_text(f"<yandex><path>{tmp_path}/</path><macros><shard>01</shard></macros></yandex>")
    args = {"config_dir": str(tmp_path), "record": str(tmp_path / "config.xml")}
    server = run_module(monkeypatch, clickhouse_server_info.main, args)["deployed"]
    assert (server["own"], server["macros"]) == (True, {"shard": "01"})
