# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The directories of a server have room before anything is changed."""

import os
from types import SimpleNamespace

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse import space
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.space import (
    DATA,
    local_directories,
    read_space,
    validate_space,
)

GIB = 1 << 30
FULL = {"name": DATA, "path": "/data/ch/", "mount": "/data", "free_bytes": GIB - 1, "free_inodes": 5}


def errors(row, minimum_mb=1024):
    found = list(validate_space("ch1", [row], minimum_mb))
    assert all(error.subject == "ch1" and "clickhouse_disk_free_min_mb" in error.hint for error in found)
    return [(error.check, error.found, error.expected) for error in found]


# --- Which directories


def test_only_what_is_set_is_looked_at_and_always_the_data():
    assert local_directories({}, {}, {}) == {DATA: ""}
    paths = {"data": "/data/ch/", "tmp": "/scratch/", "user_files": None}
    assert local_directories(paths, {}, {}) == {DATA: "/data/ch/", "clickhouse_paths/tmp": "/scratch/"}


def test_local_disks():
    storage = {"disks": {"cold": {"type": "local", "path": "/cold/"}, "s3": {"type": "s3", "endpoint": "https://x/"}}}
    assert local_directories({}, storage, {}) == {DATA: "", "clickhouse_storage/cold": "/cold/"}


@pytest.mark.parametrize(
    ("extra", "directories"),
    [
        ({"tmp_path": "/t/", "path": 5}, {"clickhouse_extra_config/tmp_path": "/t/"}),
        ({"storage_configuration": {"disks": {"a": {"path": "/a/"}}}}, {"clickhouse_extra_config/a": "/a/"}),
        ({"storage_configuration": {"disks": {"a": {"type": "cache", "path": "/a/"}, "b": {"path": "b/"}}}}, {}),
        ({"storage_configuration": {"disks": [{"a": {"path": "/a/"}}], "policies": {}}}, {}),
        ({"storage_configuration": "text"}, {}),
        ({"storage_configuration": {"disks": {"a": None, "default": {"keep_free_space_bytes": 1}}}}, {}),
    ],
)
def test_directories_of_extra_configuration(extra, directories):
    assert local_directories({}, {}, extra) == {DATA: "", **directories}


# --- Reading


def test_a_directory_that_does_not_exist_is_on_the_file_system_of_the_one_above_it(tmp_path, monkeypatch):
    monkeypatch.setattr(os.path, "ismount", lambda path: path in ("/", str(tmp_path / "disk")))
    (tmp_path / "disk" / "a").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "a")
    present = os.statvfs(tmp_path)
    for path in ("disk/a", "disk/a/b/c/", "link/d/", "disk"):
        (row,) = read_space({"x/y": f"{tmp_path}/{path}"}, "")
        assert (row["name"], row["path"], row["mount"]) == ("x/y", f"{tmp_path}/{path}", str(tmp_path / "disk"))
        # Others may write to it in the meantime.
        assert 0 < row["free_bytes"] < present.f_blocks * present.f_frsize
    assert read_space({"x/y": f"{tmp_path}/other/"}, "")[0]["mount"] == "/"


def test_the_default_is_where_the_data_are(tmp_path):
    (row,) = read_space({DATA: ""}, f"{tmp_path}/")
    assert row["path"] == f"{tmp_path}/"
    assert read_space({"clickhouse_paths/tmp": ""}, str(tmp_path)) == []


def test_what_counts_is_what_a_user_without_rights_may_use(monkeypatch):
    disk = SimpleNamespace(f_bavail=3, f_bfree=9, f_frsize=4096, f_favail=7, f_files=100)
    monkeypatch.setattr(space.os, "statvfs", lambda _path: disk)
    (row,) = read_space({DATA: "/"}, "")
    assert (row["free_bytes"], row["free_inodes"]) == (12288, 7)
    disk.f_files = disk.f_favail = 0
    assert read_space({DATA: "/"}, "")[0]["free_inodes"] is None


# --- Validation


def test_a_full_file_system():
    found = f"data: /data/ch/ on the file system /data with {GIB - 1} bytes free"
    assert errors(FULL) == [("clickhouse_paths", found, f"at least {GIB} bytes free")]
    assert errors({**FULL, "name": "clickhouse_storage/cold"})[0][0] == "clickhouse_storage"


@pytest.mark.parametrize(
    ("changes", "minimum_mb"),
    [({"free_bytes": GIB}, 1024), ({"free_bytes": GIB, "free_inodes": None}, "1024"), ({}, 0)],
)
def test_a_file_system_with_room(changes, minimum_mb):
    assert errors({**FULL, **changes}, minimum_mb) == []


def test_a_file_system_without_inodes():
    found = "data: /data/ch/ on the file system /data without a free inode"
    assert errors({**FULL, "free_bytes": GIB, "free_inodes": 0}) == [("clickhouse_paths", found, "free inodes")]
    assert errors({**FULL, "free_inodes": 0}, 0) == []
