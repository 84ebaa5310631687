"""What cannot be installed is one message, before any host is changed."""

import pytest
from fingerprint import fingerprints

OLD, NEW = "18.16.101", "18.16.102"
PACKAGES = "clickhouse-common-static, clickhouse-server, clickhouse-client"


def deb1(**variables):
    return {"hosts": {"deb1": variables}}


# Name: variables, and what the message must contain.
INVALID = {
    "a version that is none": (
        {"clickhouse_version": "latest"},
        [
            "deb1: clickhouse_version: found latest, expected the full version",
            "tgz1: clickhouse_version",
            "file1: click",
        ],
    ),
    "an unknown method": (
        deb1(clickhouse_install_method="snap"),
        ["clickhouse_install_method must be one of: distribution, repository, archive, files, got: snap"],
    ),
    "another version than that of the distribution": (
        deb1(clickhouse_install_method="distribution", clickhouse_version="25.8.2.29"),
        ["deb1: clickhouse_version: found 25.8.2.29, expected 18.16.1, which the distribution packages"],
    ),
    "no checksums": (
        {"clickhouse_checksums": {}},
        [
            f"tgz1: clickhouse_checksums: found no checksum for clickhouse-server-{OLD}-amd64.tgz",
            f"file1: clickhouse_checksums: found no checksum for clickhouse-client_{OLD}_amd64.deb",
        ],
    ),
    "files that are not there": (
        {"clickhouse_files_url": "/nowhere"},
        [f"file1: clickhouse_files_url: found no file /nowhere/clickhouse-server_{OLD}_amd64.deb"],
    ),
    "the key of somebody else": (
        deb1(clickhouse_repository_key="{{ __packages }}/other.asc"),
        ["deb1: clickhouse_repository_key: found", "NO_PUBKEY", "expected a key that has signed"],
    ),
    "a key that is none": (
        deb1(clickhouse_repository_key="/etc/hostname"),
        ["deb1: clickhouse_repository_key: found /etc/hostname, which is other text or data"],
    ),
    "a key that is not there": (
        deb1(clickhouse_repository_key="{{ __packages }}/none.asc"),
        ["deb1: clickhouse_repository_key: found", "none.asc, which is not there"],
    ),
    "a repository that does not answer": (
        deb1(clickhouse_repository_url="http://{{ lab_subnet }}.31:1/deb"),
        ["deb1: clickhouse_repository_url: found", "Could not connect", "expected a repository that the host can read"],
    ),
    "a channel that does not exist": (
        deb1(clickhouse_channel="nightly"),
        ["deb1: clickhouse_repository_url: found", "nightly", "does not have a Release file"],
    ),
    "a version that is not offered": (
        deb1(clickhouse_version="18.16.105"),
        [
            "deb1: clickhouse_version: found 18.16.105, which",
            f"does not have for {PACKAGES}, expected one of {NEW}, {OLD}",
        ],
    ),
    "packages of different versions": (
        deb1(clickhouse_version=NEW, clickhouse_channel="skewed"),
        ["deb1: clickhouse_version: found", f"does not have for clickhouse-client, expected one of {OLD}"],
    ),
}
INSTALL = (
    "printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod 0755 /usr/sbin/policy-rc.d "
    "&& DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends clickhouse-server "
    "&& rm /usr/sbin/policy-rc.d"
)
PURGE = "apt-get purge --yes clickhouse-server clickhouse-common && rm -rf /var/lib/clickhouse /etc/clickhouse-server"
# Name: a state of deb1, how to undo it, variables, and what the message must contain.
HOSTS = {
    "a hold of somebody else": (
        "apt-mark hold clickhouse-client",
        "apt-mark unhold clickhouse-client",
        {},
        ["deb1: clickhouse_version: found a hold on clickhouse-client, expected no hold. Somebody keeps the version"],
    ),
    "packages of another vendor": (
        INSTALL,
        PURGE,
        {},
        [
            "deb1: clickhouse_install_method: found repository, but clickhouse-server 18.16.1+ds",
            "of debian.org, expected packages of clickhouse.com",
        ],
    ),
    "18.16 to a modern version in place": (
        INSTALL,
        PURGE,
        deb1(clickhouse_version="25.8.2.29"),
        ["deb1: clickhouse_version: found 25.8.2.29, but 18.16.1+ds", "Deploy a new cluster beside it"],
    ),
}


def assert_invalid(done, texts):
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    for text in texts:
        assert text in output, done.stdout + done.stderr
    assert "no host was changed" in output or "must be one of" in output, output
    assert not [line for line in done.stdout.splitlines() if line.startswith("changed:")]


@pytest.mark.parametrize("name", INVALID)
def test_wrong_variables_and_repositories(lab, playbook, name):
    variables, texts = INVALID[name]
    before = fingerprints(lab)
    assert_invalid(playbook("site", **variables), texts)
    assert fingerprints(lab) == before


@pytest.mark.parametrize("name", HOSTS)
def test_hosts_that_the_role_leaves_alone(lab, playbook, name):
    command, undo, variables, texts = HOSTS[name]
    lab.shell("deb1", command)
    try:
        before = fingerprints(lab)
        assert_invalid(playbook("site", **variables), texts)
        assert fingerprints(lab) == before
    finally:
        lab.shell("deb1", undo)


def test_a_preview_of_all_methods(lab, playbook):
    before = fingerprints(lab)
    done = playbook("site", "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert fingerprints(lab) == before
