# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The deployed state of a replica."""

from helpers import run_module

from ansible_collections.zoohouse.cluster.plugins.modules import clickhouse_server_info


def test_a_host_without_a_server(monkeypatch, tmp_path):
    result = run_module(monkeypatch, clickhouse_server_info.main, {"config_dir": str(tmp_path)}, check=True)
    installed = {"packages": {}, "architecture": "", "archive_version": "", "files": {}}
    assert result == {
        "changed": False,
        "deployed": None,
        "restart_pending": False,
        "listeners": {},
        "space": [],
        "unreadable": {},
        **installed,
    }


def test_a_deployed_server(monkeypatch, tmp_path):
    (tmp_path / "config.xml").write_text(f"<yandex><path>{tmp_path}/</path><macros><shard>01</shard></macros></yandex>")
    args = {"config_dir": str(tmp_path), "record": str(tmp_path / "config.xml")}
    server = run_module(monkeypatch, clickhouse_server_info.main, args)["deployed"]
    assert (server["own"], server["macros"]) == (True, {"shard": "01"})


def test_the_free_space_is_that_of_the_directories_that_the_server_will_have(monkeypatch, tmp_path):
    def path(**directories):
        args = {"config_dir": str(tmp_path), "directories": {"clickhouse_paths/data": "", **directories}}
        rows = run_module(monkeypatch, clickhouse_server_info.main, args)["space"]
        return {row["name"]: row["path"] for row in rows}

    data = "clickhouse_paths/data"
    assert path() == {data: "/var/lib/clickhouse/"}
    (tmp_path / "config.xml").write_text(f"<yandex><path>{tmp_path}/</path></yandex>")
    assert path(disk="/") == {data: f"{tmp_path}/", "disk": "/"}
    # The role has set it, and sets it no more.
    (tmp_path / "config.d").mkdir()
    (tmp_path / "config.d" / "paths.xml").write_text(f"<yandex><path>{tmp_path}/</path></yandex>")
    assert path() == {data: "/var/lib/clickhouse/"}
    assert path(**{data: f"{tmp_path}/new/"}) == {data: f"{tmp_path}/new/"}


def test_files_that_the_server_must_be_able_to_read(monkeypatch, tmp_path):
    absent = str(tmp_path / "absent.pem")
    args = {"config_dir": str(tmp_path), "readable": [absent, "/etc/passwd"]}
    result = run_module(monkeypatch, clickhouse_server_info.main, args, check=True)
    assert result["unreadable"] == {absent: "does not exist"}
