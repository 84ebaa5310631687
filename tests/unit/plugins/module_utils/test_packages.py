# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Installed packages, from what dpkg-query prints."""

from ansible_collections.zoohouse.cluster.plugins.module_utils.packages import installed_versions

PRINTED = """\
clickhouse-server\tii \t18.16.1+ds-7.3+b2
clickhouse-client\trc \t18.16.1+ds-7.3+b2
python3-kazoo\tun \t
"""
HELD = """\
clickhouse-common\thi \t18.16.1+ds-7.3+b2
default-jre-headless\tiU \t2:1.17-74
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
    assert installed_versions(Module(HELD), ["clickhouse-common", "default-jre-headless"]) == {
        "clickhouse-common": "18.16.1+ds-7.3+b2",
        "default-jre-headless": None,
    }


def test_no_name_asks_nothing():
    module = Module()
    assert installed_versions(module, []) == {}
    assert module.commands == []
