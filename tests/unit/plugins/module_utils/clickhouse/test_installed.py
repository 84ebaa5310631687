# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What is installed on the host."""

import hashlib

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.installed import read_installed

SERVER = "clickhouse-server\tii \t25.8.2.29\tClickHouse Dev Team <packages+linux@clickhouse.com>\n"


class Module:
    """Answers commands by their program."""

    def __init__(self, packages="", printed=""):
        self.answers = {"dpkg-query": packages, "dpkg": "amd64\n"}
        self.printed = printed

    def run_command(self, command):
        return 0, self.answers.get(command[0], self.printed), ""


def test_packages(tmp_path):
    result = read_installed(Module(SERVER), ["clickhouse-server", "clickhouse-client"], [], str(tmp_path))
    assert result["packages"] == {
        "clickhouse-server": {"version": "25.8.2.29", "held": False, "maintainer": "clickhouse.com"},
        "clickhouse-client": {"version": "", "held": False, "maintainer": ""},
    }
    assert (result["architecture"], result["archive_version"]) == ("amd64", "")


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("ClickHouse server version 25.8.2.29 (official build).\n", "25.8.2.29"),
        ("ClickHouse server version 18.16.101.\n", "18.16.101"),
        ("ClickHouse server version 24.8.14.10459.altinitystable (altinity build).\n", "24.8.14.10459.altinitystable"),
        ("Segmentation fault\n", "unknown"),
    ],
)
def test_a_server_that_no_package_has_installed(tmp_path, printed, version):
    program = tmp_path / "clickhouse-server"
    program.touch()
    assert read_installed(Module("", printed), ["clickhouse-server"], [], str(program))["archive_version"] == version


def test_no_server(tmp_path):
    assert read_installed(Module(), ["clickhouse-server"], [], str(tmp_path / "none"))["archive_version"] == ""


def test_nothing_is_asked_without_packages(tmp_path):
    result = read_installed(Module("", "version 1.1.1"), [], [], str(tmp_path))
    assert result == {"packages": {}, "architecture": "", "archive_version": "", "files": {}}


def test_hashes_of_files(tmp_path):
    there, gone = tmp_path / "there", tmp_path / "gone"
    there.write_bytes(b"text")
    files = read_installed(Module(), [], [str(there), str(gone)], str(tmp_path))["files"]
    assert files == {str(there): hashlib.sha256(b"text").hexdigest(), str(gone): None}
