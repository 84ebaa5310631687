# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A new replica has everything that was there when it began."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.catching_up import (
    check_caught_up,
    check_present,
)

HITS = ("demo", "hits")


def check(last, pointer, parts=0, **options):
    pointers = {} if pointer is None else {HITS: pointer}
    ((finding),) = check_caught_up("ch5", {HITS: last}, pointers, {HITS: parts} if parts else {}, **options)
    assert finding.subject == "ch5 demo.hits" and finding.expected == "everything"
    return finding.severity, finding.found


@pytest.mark.parametrize(
    ("last", "pointer"),
    [
        (7, 8),
        # Others have written since.
        (7, 100),
        # The log is empty, or has one entry.
        (0, 0),
        (0, 1),
        # The table was dropped meanwhile.
        (7, None),
    ],
)
def test_it_has_everything(last, pointer):
    assert check(last, pointer) == ("ok", "everything")


def test_it_has_not_read_the_log():
    assert check(7, 7) == ("critical", "the entries 7 to 7 of the log to read")


def test_it_has_parts_to_fetch():
    assert check(7, 8, parts=12) == ("critical", "12 parts to fetch")


def test_nobody_knows():
    assert check(7, None, error="timed out") == ("critical", "timed out")


def test_tables_that_come_by_themselves():
    findings = check_present("ch5", ["d.a", "d.b"], {"d.a"})
    assert [(item.severity, item.subject, item.found) for item in findings] == [
        ("ok", "ch5 d.a", "there"),
        ("critical", "ch5 d.b", "no such table yet"),
    ]


def test_without_replicated_tables_there_is_nothing_to_fetch():
    assert check_caught_up("ch5", {}, {}, {}) == []
