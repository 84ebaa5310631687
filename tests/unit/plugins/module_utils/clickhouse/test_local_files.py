# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Package files on the control node."""

import hashlib

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.local_files import validate_files


def file(path, content, algorithm="sha256"):
    return {
        "name": path.name,
        "src": str(path),
        "checksum": f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}",
    }


def test_files_of_their_checksums(tmp_path):
    path = tmp_path / "server.deb"
    path.write_bytes(b"package" * 500000)
    files = [file(path, b"package" * 500000), file(path, b"package" * 500000, "sha512")]
    assert validate_files("ch1", files) == []


def test_a_file_that_is_not_there(tmp_path):
    (error,) = validate_files("ch1", [file(tmp_path / "server.deb", b"")])
    assert (error.check, error.subject) == ("clickhouse_files_url", "ch1")
    assert error.found == f"no file {tmp_path}/server.deb"


def test_another_file(tmp_path):
    path = tmp_path / "server.deb"
    path.write_bytes(b"another")
    wanted = file(path, b"package")
    (error,) = validate_files("ch1", [wanted])
    assert (error.check, error.expected) == ("clickhouse_checksums", wanted["checksum"])
    assert error.found == f"{file(path, b'another')['checksum']} of {path}"
