# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The files of the report."""

import os

import pytest
from reports import report

from ansible_collections.zoohouse.cluster.plugins.plugin_utils.report import write


def test_files_are_replaced_and_readable_by_the_group_at_most(tmp_path):
    directory = tmp_path / "a" / "b"
    mask = os.umask(0)
    try:
        first = write.write_report(report("down"), str(directory))
        again = write.write_report(report("healthy"), str(directory))
    finally:
        os.umask(mask)
    assert first == again and sorted(os.listdir(directory)) == sorted(write.RENDERERS)
    assert {os.stat(path).st_mode & 0o777 for path in again} == {0o640}
    assert '"healthy": true' in (directory / "health.json").read_text()


def test_a_file_that_cannot_be_replaced_stays_and_nothing_is_left_behind(tmp_path, monkeypatch):
    write.write_report(report("down"), str(tmp_path))

    def fail(*_args):
        raise OSError("no space left on device")

    monkeypatch.setattr(write.os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        write.write_report(report("healthy"), str(tmp_path))
    assert sorted(os.listdir(tmp_path)) == sorted(write.RENDERERS)
    assert '"healthy": false' in (tmp_path / "health.json").read_text()
