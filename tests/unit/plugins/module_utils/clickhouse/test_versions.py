# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Versions of packages, and changes of version in place."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.versions import (
    numbers,
    validate_upgrade,
    validate_version,
)


@pytest.mark.parametrize("version", ["25.8.2.29", "18.16.1", "24.8.14.10459.altinitystable", "24.8.4.13+test"])
def test_full_versions(version):
    assert validate_version("ch1", version) == []


@pytest.mark.parametrize(
    "version", ["", "latest", "25.8", "24.1", "v25.8.2.29", "25.8.2.29-lts", "25.8.*", "25.8.2.29\n", "2025.8.2.29"]
)
def test_anything_else_is_an_error(version):
    (error,) = validate_version("ch1", version)
    assert (error.check, error.subject, error.found) == ("clickhouse_version", "ch1", version or "nothing")
    assert "such as 25.8.2.29" in error.expected and "-lts" in error.hint


def test_numbers_leave_out_what_a_vendor_adds():
    assert numbers("18.16.1+ds-7.3+b2") == (18, 16, 1)
    assert numbers("24.8.14.10459.altinitystable") == (24, 8, 14, 10459)


@pytest.mark.parametrize(
    ("installed", "wanted"),
    [
        ("25.8.2.29", "25.8.2.29"),
        ("25.8.2.29", "25.8.10.7"),
        ("25.8.2.29", "26.3.1.5"),
        ("25.8.2.29", "26.8.1.1"),
        ("18.16.1+ds-7.3+b2", "18.16.1"),
        ("18.16.101", "18.16.102"),
        ("24.8.14.10459.altinitystable", "24.8.14.10500"),
    ],
)
def test_upgrades_in_place(installed, wanted):
    assert validate_upgrade("ch1", installed, wanted) == []


@pytest.mark.parametrize(
    ("installed", "wanted", "expected", "hint"),
    [
        ("25.8.2.29", "25.8.2.28", "25.8.2.29 or later", "may not read what a newer one has written"),
        ("25.8.10.7", "25.8.9.8", "25.8.10.7 or later", "restore a backup"),
        ("25.8.2.29", "25.3.9.1", "25.8.2.29 or later", "restore a backup"),
        ("18.16.1+ds-7.3+b2", "25.8.2.29", "18.16.1+ds-7.3+b2", "Deploy a new cluster beside it"),
        ("24.8.4.13", "26.3.1.5", "a version up to 25.8", "Upgrade in steps"),
        ("25.8.2.29", "26.9.1.1", "a version up to 26.8", "Upgrade in steps"),
    ],
)
def test_changes_that_a_server_does_not_survive(installed, wanted, expected, hint):
    (error,) = validate_upgrade("ch1", installed, wanted)
    assert (error.check, error.subject) == ("clickhouse_version", "ch1")
    assert error.found == f"{wanted}, but {installed} is installed"
    assert error.expected == expected and hint in error.hint
