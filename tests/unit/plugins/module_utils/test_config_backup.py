# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Files are kept before a change, and put back."""

import os

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.config_backup import Backup


@pytest.fixture
def backup(tmp_path):
    return Backup(str(tmp_path / "kept.json"))


def write(path, text, mode=0o644):
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_files_are_put_back_with_their_mode(backup, tmp_path):
    secret, new = tmp_path / "secret.xml", tmp_path / "new.xml"
    paths = [write(secret, "old", 0o640), str(new)]
    backup.keep(paths, fresh=True)
    assert oct(os.stat(backup.path).st_mode & 0o777) == "0o600"
    write(secret, "changed", 0o600)
    write(new, "added")
    assert backup.put_back() == sorted(paths)
    assert (secret.read_text(), oct(secret.stat().st_mode & 0o777)) == ("old", "0o640")
    assert not new.exists() and not os.path.exists(backup.path)
    # Nothing is kept any more.
    assert backup.put_back() == []


def test_bytes_that_are_no_text_stay_what_they_are(backup, tmp_path):
    path = tmp_path / "keystore"
    path.write_bytes(bytes(range(256)))
    backup.keep([str(path)], fresh=True)
    path.write_bytes(b"")
    backup.put_back()
    assert path.read_bytes() == bytes(range(256))


def test_a_link_becomes_a_link_again(backup, tmp_path):
    target, path = write(tmp_path / "theirs", "theirs"), tmp_path / "a.xml"
    path.symlink_to(target)
    backup.keep([str(path)], fresh=True)
    path.unlink()
    write(path, "ours")
    backup.put_back()
    assert os.readlink(path) == target


def test_while_a_restart_is_pending_the_oldest_files_count(backup, tmp_path):
    path = tmp_path / "a.xml"
    backup.keep([write(path, "healthy")], fresh=True)
    backup.keep([write(path, "first try")], fresh=False)
    write(path, "second try")
    backup.put_back()
    assert path.read_text() == "healthy"


def test_after_a_restart_the_files_that_the_service_has_read_count(backup, tmp_path):
    path, other = tmp_path / "a.xml", tmp_path / "b.xml"
    backup.keep([write(path, "one"), write(other, "other")], fresh=True)
    backup.keep([write(path, "two")], fresh=True)
    write(path, "three")
    write(other, "changed since")
    backup.put_back()
    assert (path.read_text(), other.read_text()) == ("two", "changed since")


def test_half_a_record_is_no_record(backup, tmp_path):
    write(tmp_path / "kept.json", '{"/etc/a.xml": {"con')
    assert backup.put_back() == []
    backup.discard()
    backup.discard()
