# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A repository that cannot be used, in the words of the inventory."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.apt import PACKAGES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.install import Wanted
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.repository import (
    apt_error,
    validate_repository,
)

URL = "https://packages.clickhouse.com/deb"
WANTED = Wanted(method="repository", version="25.8.2.29", url=URL, channel="stable", key="/keys/clickhouse.asc")
OFFERED = ["26.3.1.5", "25.8.9.1", "25.8.2.29", "25.3.6.1", "25.3.5.1", "24.8.1.1"]
UNREACHABLE = """\
W: Failed to fetch http://127.0.0.1:9/dists/stable/InRelease  Could not connect to 127.0.0.1:9 (127.0.0.1).
W: Some index files failed to download. They have been ignored, or old ones used instead.
"""
UNSIGNED = """\
W: GPG error: http://127.0.0.1 stable InRelease: The following signatures: NO_PUBKEY 0123456789ABCDEF
E: The repository 'http://127.0.0.1 stable InRelease' is not signed.
"""


def found(**changes):
    return {"key": "x", "key_error": "", "error": "", "versions": dict.fromkeys(PACKAGES, OFFERED), **changes}


def test_a_version_that_is_offered():
    assert validate_repository("ch1", WANTED, found()) == []


@pytest.mark.parametrize(
    ("changes", "variable", "texts"),
    [
        ({"key_error": "a private key"}, "clickhouse_repository_key", ["/keys/clickhouse.asc, which is a private key"]),
        ({"error": apt_error(UNSIGNED)}, "clickhouse_repository_key", ["NO_PUBKEY 0123456789ABCDEF"]),
        (
            {"error": apt_error(UNREACHABLE)},
            "clickhouse_repository_url",
            [f"{URL} stable: Could not connect to 127.0.0.1:9"],
        ),
        (
            {"versions": dict.fromkeys(PACKAGES, OFFERED[:2])},
            "clickhouse_version",
            ["25.8.2.29, which", "does not have for clickhouse-common-static, clickhouse-server, clickhouse-client"],
        ),
        (
            {"versions": {**dict.fromkeys(PACKAGES, OFFERED), "clickhouse-client": OFFERED[3:]}},
            "clickhouse_version",
            ["does not have for clickhouse-client"],
        ),
        ({"versions": {name: [] for name in PACKAGES}}, "clickhouse_version", ["25.8.2.29"]),
    ],
)
def test_what_is_wrong(changes, variable, texts):
    (error,) = validate_repository("ch1", WANTED, found(**changes))
    assert (error.check, error.subject) == (variable, "ch1") and error.expected and error.hint
    for text in texts:
        assert text in error.found


def test_the_newest_versions_are_offered_instead():
    offered = {
        **dict.fromkeys(PACKAGES, OFFERED),
        "clickhouse-client": [version for version in OFFERED if "2.29" not in version],
    }
    (error,) = validate_repository("ch1", WANTED, found(versions=offered))
    assert error.expected == "one of 26.3.1.5, 25.8.9.1, 25.3.6.1, 25.3.5.1, 24.8.1.1"


def test_no_error_of_apt():
    assert apt_error("") == apt_error("N: a notice\n") == ""
