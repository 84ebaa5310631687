# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Files that another user can read, on the real file system."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.readable import unreadable

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
CANNOT = "cannot be read by the user nobody"


def run(command):
    return (subprocess.run(command, check=False).returncode,)


@pytest.fixture
def place():
    """A directory that everybody may enter; those of pytest are private."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        yield Path(directory)


def write(path, mode):
    path.write_text("secret")
    path.chmod(mode)
    return str(path)


def test_what_does_not_exist_is_missing_for_any_user(place):
    absent = str(place / "absent.pem")
    assert unreadable(run, [absent, str(place)], "nobody") == {absent: "does not exist"}
    assert unreadable(run, [absent, write(place / "key", 0o600)], "no-such-user") == {absent: "does not exist"}
    assert unreadable(run, []) == {}


@NEEDS_ROOT
def test_permissions_are_those_of_the_user_not_of_root(place):
    private, public = write(place / "private.key", 0o600), write(place / "public.pem", 0o644)
    assert unreadable(run, [private, public], "nobody") == {private: CANNOT}
    assert unreadable(run, [private], "root") == {}


@NEEDS_ROOT
def test_a_file_in_a_directory_that_the_user_may_not_enter(place):
    (place / "private").mkdir(mode=0o700)
    inside = write(place / "private" / "ca.pem", 0o644)
    assert unreadable(run, [inside], "nobody") == {inside: CANNOT}


@NEEDS_ROOT
def test_a_file_of_a_group_of_the_user(place):
    path = write(place / "group.key", 0o640)
    # The group of the account, which is not the one that the caller has.
    os.chown(path, 0, 65534)
    assert unreadable(run, [path], "nobody") == {}
