# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Installed packages, from what dpkg-query prints."""

from ansible_collections.zoohouse.cluster.plugins.module_utils.packages import (
    Package,
    installed_versions,
    read_packages,
)

PRINTED = """\
clickhouse-server\tii \t18.16.1+ds-7.3+b2\tA. Maintainer <someone@Debian.org>
clickhouse-client\trc \t18.16.1+ds-7.3+b2\tA. Maintainer <someone@debian.org>
python3-kazoo\tun \t\t
"""
HELD = """\
clickhouse-common\thi \t18.16.1+ds-7.3+b2\tA. Maintainer <someone@debian.org>
clickhouse-client\thn \t\t
default-jre-headless\tiU \t2:1.17-74\tsomeone@debian.org
"""


class Module:
    """Prints the same text for every command."""

    def __init__(self, printed=PRINTED):
        self.printed = printed
        self.commands = []

    def run_command(self, command):
        self.commands.append(command)
        return 1, self.printed, "dpkg-query: no packages found matching zookeeper\n"


def test_only_what_is_wholly_installed_has_a_version():
    names = ["clickhouse-server", "clickhouse-client", "python3-kazoo", "zookeeper"]
    assert installed_versions(Module(), names) == {
        "clickhouse-server": "18.16.1+ds-7.3+b2",
        "clickhouse-client": None,
        "python3-kazoo": None,
        "zookeeper": None,
    }


def test_a_held_package_is_installed_and_an_unpacked_one_is_not():
    versions = installed_versions(Module(HELD), ["clickhouse-common", "default-jre-headless"])
    assert versions["clickhouse-common"] == "18.16.1+ds-7.3+b2"
    assert versions["default-jre-headless"] is None


def test_no_name_asks_nothing():
    module = Module()
    assert installed_versions(module, []) == {}
    assert module.commands == []


def test_who_maintains_a_package_and_whether_it_is_held():
    packages = read_packages(Module(PRINTED), ["clickhouse-server", "zookeeper"])
    assert packages["clickhouse-server"] == Package("18.16.1+ds-7.3+b2", False, "debian.org")
    assert packages["zookeeper"] == Package()
    assert read_packages(Module(HELD), []) == {}


def test_a_package_that_is_not_installed_can_be_held():
    packages = read_packages(Module(HELD), ["clickhouse-common", "clickhouse-client", "default-jre-headless"])
    assert [package.held for package in packages.values()] == [True, True, False]
    assert packages["clickhouse-client"].version == "" and packages["default-jre-headless"].maintainer == "debian.org"
