# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The filters return what the tasks of an installation need."""

from ansible_collections.zoohouse.cluster.plugins.filter.clickhouse_install import (
    clickhouse_file_errors,
    clickhouse_installation,
    clickhouse_openssl_errors,
    clickhouse_openssl_files,
    clickhouse_repository_errors,
)

WANTED = {"method": "repository", "version": "25.8.2.29", "url": "https://mirror/deb", "channel": "lts", "key": "/key"}
EMPTY = {"version": "", "held": False, "maintainer": ""}
SERVER = {
    "packages": dict.fromkeys(
        ("clickhouse-common-static", "clickhouse-server", "clickhouse-client", "python3-kazoo"), EMPTY
    ),
    "architecture": "arm64",
    "archive_version": "",
    "files": {},
}


def test_an_installation_as_tasks_need_it():
    installation = clickhouse_installation(SERVER, "ch1", WANTED)
    assert (installation["errors"], installation["complete"]) == ([], False)
    assert installation["packages"][0] == "clickhouse-common-static=25.8.2.29"
    assert "Architectures: arm64" in "".join(installation["apt_files"].values())


def test_an_installation_that_is_not_valid():
    (error,) = clickhouse_installation(SERVER, "ch1", {**WANTED, "version": "latest"})["errors"]
    assert (error["check"], error["subject"], error["found"]) == ("clickhouse_version", "ch1", "latest")


def test_a_repository_and_files_that_are_not_valid(tmp_path):
    offered = {"key_error": "other data", "error": "", "versions": {}}
    (error,) = clickhouse_repository_errors(offered, "ch1", WANTED)
    assert error["check"] == "clickhouse_repository_key"
    files = [{"name": "a.deb", "src": str(tmp_path / "a.deb"), "checksum": "sha256:0"}]
    (error,) = clickhouse_file_errors(files, "ch1")
    assert error["check"] == "clickhouse_files_url"


def test_the_files_of_openssl():
    options = {"server": {"certificateFile": "/a.pem", "privateKeyFile": "/b.key"}}
    assert clickhouse_openssl_files(options) == ["/a.pem", "/b.key"]
    (error,) = clickhouse_openssl_errors({"/b.key": "does not exist"}, "ch1", options)
    assert (error["subject"], error["found"]) == ("ch1", "server: privateKeyFile: /b.key, which does not exist")
    assert clickhouse_openssl_errors({}, "ch1", options) == []
