# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What is installed, compared with what is wanted."""

import hashlib

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.apt import PACKAGES, PREFERENCES, SOURCES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.install import (
    Wanted,
    is_complete,
    validate_install,
)

VERSION = "25.8.2.29"
DEBIAN = "18.16.1+ds-7.3+b2"
SHA256 = "sha256:" + "a" * 64
DISTRIBUTION = Wanted(packaged="18.16.1")
REPOSITORY = Wanted(
    method="repository",
    version=VERSION,
    packaged="18.16.1",
    url="https://packages.clickhouse.com/deb",
    channel="stable",
    key="https://packages.clickhouse.com/key",
)
ARCHIVE = Wanted(
    method="archive",
    version=VERSION,
    url="https://packages.clickhouse.com/tgz/stable",
    checksums={f"{name}-{VERSION}-amd64.tgz": SHA256 for name in PACKAGES},
)
FILES = Wanted(
    method="files",
    version=VERSION,
    url="/srv/clickhouse",
    checksums={f"{name}_{VERSION}_amd64.deb": SHA256 for name in PACKAGES},
)
NAMES = (*PACKAGES, "clickhouse-common", "python3-kazoo")


def package(version="", held=False, maintainer="clickhouse.com"):
    return {"version": version, "held": held, "maintainer": maintainer if version else ""}


def installed(packages=None, wanted=None, archive=""):
    """What clickhouse_server_info returns. wanted: its files of apt are there."""
    texts = wanted.apt_files("amd64") if wanted else {}
    files = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in texts.items()}
    return {
        "packages": {**{name: package() for name in NAMES}, **(packages or {})},
        "architecture": "amd64",
        "archive_version": archive,
        "files": {SOURCES: None, PREFERENCES: None, **files},
    }


def official(version=VERSION, held=True, **changes):
    packages = {name: package(version, held) for name in PACKAGES}
    return {**packages, "python3-kazoo": package("2.8.0-1", maintainer="debian.org"), **changes}


def distribution(held=True, **changes):
    names = ("clickhouse-server", "clickhouse-client", "clickhouse-common", "python3-kazoo")
    return {**{name: package(DEBIAN, held, "debian.org") for name in names}, **changes}


def changed(wanted, **changes):
    return Wanted(**{**wanted.__dict__, **changes})


def errors(wanted, state=None):
    """(variable, found) of each validation error. Every error names the host and what is expected."""
    found = validate_install("ch1", wanted, state or installed())
    assert all(error.subject == "ch1" and error.severity == "critical" and error.expected for error in found)
    return [(error.check, error.found) for error in found]


# --- Complete


@pytest.mark.parametrize(
    ("wanted", "state"),
    [
        (DISTRIBUTION, installed(distribution())),
        (changed(DISTRIBUTION, version="18.16.1"), installed(distribution())),
        (REPOSITORY, installed(official(), REPOSITORY)),
        (FILES, installed(official(), FILES)),
        (ARCHIVE, installed({"python3-kazoo": package("2.8.0-1")}, ARCHIVE, VERSION)),
    ],
)
def test_nothing_is_to_be_installed(wanted, state):
    assert errors(wanted, state) == []
    assert is_complete(wanted, state)


@pytest.mark.parametrize(
    ("wanted", "state"),
    [
        (DISTRIBUTION, installed()),
        (DISTRIBUTION, installed(distribution(**{"python3-kazoo": package()}))),
        (DISTRIBUTION, installed(distribution(held=False))),
        (DISTRIBUTION, installed(distribution(**{"clickhouse-client": package()}))),
        (REPOSITORY, installed()),
        (REPOSITORY, installed(official("25.8.1.1"), REPOSITORY)),
        (REPOSITORY, installed(official(**{"clickhouse-client": package()}), REPOSITORY)),
        (REPOSITORY, installed(official(held=False), REPOSITORY)),
        (REPOSITORY, installed(official(**{"python3-kazoo": package()}), REPOSITORY)),
        (REPOSITORY, installed(official(), changed(REPOSITORY, url="https://mirror.example.com/deb"))),
        (REPOSITORY, installed(official(), changed(REPOSITORY, channel="lts"))),
        (REPOSITORY, installed(official(), changed(REPOSITORY, key="/another.asc"))),
        (REPOSITORY, installed(official())),
        (FILES, installed(official())),
        (ARCHIVE, installed({"python3-kazoo": package("2.8.0-1")}, ARCHIVE, "25.8.1.1")),
        (ARCHIVE, installed({"python3-kazoo": package("2.8.0-1")}, ARCHIVE)),
        (ARCHIVE, installed({"python3-kazoo": package("2.8.0-1")}, ARCHIVE, "unknown")),
    ],
)
def test_something_is_to_be_installed(wanted, state):
    assert errors(wanted, state) == []
    assert not is_complete(wanted, state)


def test_a_version_of_a_later_revision_of_the_distribution():
    later = {
        name: package("18.16.2+ds-1", maintainer="debian.org") for name in ("clickhouse-server", "clickhouse-client")
    }
    assert errors(DISTRIBUTION, installed(distribution(**later))) == []


# --- Variables


@pytest.mark.parametrize(
    ("wanted", "variable", "found"),
    [
        (changed(REPOSITORY, method="snap"), "clickhouse_install_method", "snap"),
        (changed(REPOSITORY, version="latest"), "clickhouse_version", "latest"),
        (changed(REPOSITORY, version=""), "clickhouse_version", "nothing"),
        (changed(REPOSITORY, url="packages.clickhouse.com"), "clickhouse_repository_url", "packages.clickhouse.com"),
        (changed(REPOSITORY, key=""), "clickhouse_repository_key", "nothing"),
        (changed(REPOSITORY, channel="stable\nmain"), "clickhouse_channel", "stable"),
        (changed(ARCHIVE, url="/srv/archives"), "clickhouse_archive_url", "/srv/archives"),
        (changed(FILES, url="srv/files"), "clickhouse_files_url", "srv/files"),
        (changed(DISTRIBUTION, version="25.8.2.29"), "clickhouse_version", "25.8.2.29"),
        (
            changed(DISTRIBUTION, packaged=""),
            "clickhouse_install_method",
            "distribution, which does not package ClickHouse",
        ),
    ],
)
def test_wrong_variables(wanted, variable, found):
    assert errors(wanted) == [(variable, found)]


@pytest.mark.parametrize(("wanted", "suffix"), [(ARCHIVE, "-25.8.2.29-amd64.tgz"), (FILES, "_25.8.2.29_amd64.deb")])
def test_a_checksum_that_is_missing_or_none(wanted, suffix):
    server, client = f"clickhouse-server{suffix}", f"clickhouse-client{suffix}"
    checksums = {**wanted.checksums, server: "a" * 64}
    del checksums[client]
    assert errors(changed(wanted, checksums=checksums)) == [
        ("clickhouse_checksums", f"{'a' * 64} for {server}"),
        ("clickhouse_checksums", f"no checksum for {client}"),
    ]


# --- What is on the host


def test_another_version_of_the_same_vendor_is_an_upgrade():
    assert errors(REPOSITORY, installed(official("25.3.6.10"), REPOSITORY)) == []


@pytest.mark.parametrize(
    ("wanted", "state", "text"),
    [
        (REPOSITORY, installed(distribution()), f"25.8.2.29, but {DEBIAN} is installed"),
        (REPOSITORY, installed(official("26.3.1.5")), "25.8.2.29, but 26.3.1.5 is installed"),
        (REPOSITORY, installed(official("24.3.1.5")), "25.8.2.29, but 24.3.1.5 is installed"),
        (ARCHIVE, installed(archive="26.3.1.5"), "25.8.2.29, but 26.3.1.5 is installed"),
        (DISTRIBUTION, installed(official()), "18.16.1, but 25.8.2.29 is installed"),
    ],
)
def test_changes_of_the_version(wanted, state, text):
    assert errors(wanted, state) == [("clickhouse_version", text)]


def test_packages_of_another_vendor():
    wanted = changed(REPOSITORY, version="18.16.101")
    assert errors(wanted, installed(distribution())) == [
        (
            "clickhouse_install_method",
            f"repository, but clickhouse-server {DEBIAN} of debian.org, clickhouse-client {DEBIAN} of debian.org",
        )
    ]
    theirs = {name: package("25.8.2.10", True, "example.com") for name in PACKAGES}
    ((variable, found),) = errors(REPOSITORY, installed(official(**theirs)))
    assert variable == "clickhouse_install_method" and "25.8.2.10 of example.com" in found
    assert errors(changed(REPOSITORY, vendor="example.com"), installed(official(**theirs), REPOSITORY)) == []


def test_packages_and_an_archive_exclude_each_other():
    ((variable, found),) = errors(ARCHIVE, installed(official()))
    assert variable == "clickhouse_install_method" and found.startswith(
        "archive, but the packages clickhouse-common-st"
    )
    for wanted in (REPOSITORY, DISTRIBUTION):
        ((variable, found),) = errors(wanted, installed(archive=VERSION))
        assert (variable, found.partition(",")[0]) == ("clickhouse_install_method", wanted.method)
    ((_variable, found),) = errors(ARCHIVE, installed(archive="unknown"))
    assert found == "archive, but a server that no package has installed (version unknown)"


SKEW = {"clickhouse-client": package("25.8.1.1")}


def test_packages_of_different_versions():
    ((variable, found),) = errors(REPOSITORY, installed(official(held=False, **SKEW)))
    assert variable == "clickhouse_version"
    assert "clickhouse-server 25.8.2.29 of clickhouse.com, clickhouse-client 25.8.1.1 of clickhouse.com" in found


def test_a_hold_of_somebody_else():
    state = installed(official("25.8.1.1"))
    assert errors(REPOSITORY, state) == [("clickhouse_version", f"a hold on {', '.join(PACKAGES)}")]
    assert errors(DISTRIBUTION, installed({"clickhouse-client": package("", True)})) == [
        ("clickhouse_version", "a hold on clickhouse-client")
    ]


def test_a_hold_that_does_not_matter():
    """Nothing is to be changed, or the role has set it."""
    assert errors(REPOSITORY, installed(official())) == []
    assert errors(REPOSITORY, installed(official("25.8.1.1"), REPOSITORY)) == []
    held = {name: package(DEBIAN, True, "debian.org") for name in ("clickhouse-server", "clickhouse-client")}
    assert errors(DISTRIBUTION, installed(distribution(**held))) == []


def test_an_interrupted_upgrade_of_the_role_is_completed():
    """dpkg may have configured only some of the packages, or only a part of an archive is there."""
    assert errors(REPOSITORY, installed(official(**SKEW), REPOSITORY)) == []
    assert errors(ARCHIVE, installed(wanted=ARCHIVE, archive="unknown")) == []
