# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What preflight reads from a host."""

import socket

import pytest
from helpers import run_module

from ansible_collections.zoohouse.cluster.plugins.module_utils import host
from ansible_collections.zoohouse.cluster.plugins.modules import host_info

OS_RELEASE = """\
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
ID=debian
HOME_URL="https://www.debian.org/"
"""

HOSTS = """\
127.0.0.1\tlocalhost
127.0.1.1\tzk1.example.org zk1  # the installer's line
# BEGIN ZOOHOUSE
10.0.0.11 zk1
10.0.0.12 zk2
# END ZOOHOUSE
192.168.7.12 zk2 zk2.example.org
#10.9.9.9 zk2
::1 localhost ip6-localhost

broken
"""


def test_the_distribution():
    assert host.distribution(OS_RELEASE) == "debian-12"
    assert host.distribution("ID='x'\nVERSION_ID='1.2'\n\nnot a field") == "x-1.2"
    assert host.distribution("") == "-"


def test_the_hosts_file_without_its_managed_block():
    assert host.hosts_file(HOSTS, ["zk1", "zk2", "zk3"], "ZOOHOUSE") == {
        "zk1": ["127.0.1.1"],
        "zk2": ["192.168.7.12"],
        "zk3": [],
    }


def test_another_marker_leaves_the_block_in():
    assert host.hosts_file(HOSTS, ["zk1"], "SOMEBODY") == {"zk1": ["127.0.1.1", "10.0.0.11"]}


def test_an_address_is_not_a_name():
    assert host.hosts_file(HOSTS, ["127.0.1.1"], "ZOOHOUSE") == {"127.0.1.1": []}


@pytest.mark.parametrize(("address", "own"), [("127.0.0.1", True), ("203.0.113.7", False), ("2001:db8::7", False)])
def test_whether_an_address_is_the_host_s_own(address, own):
    assert host.is_own(address) is own


def test_an_address_of_a_family_that_the_kernel_lacks_is_not_own(monkeypatch):
    def fail(*_args):
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(host.socket, "socket", fail)
    assert host.is_own("::1") is False


def test_a_name_that_leads_nowhere(monkeypatch):
    def fail(*_args):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(host.socket, "getaddrinfo", fail)
    assert host.resolve("zk1") == []


def test_a_name_that_cannot_be_one_leads_nowhere():
    assert host.resolve("zk..1") == []


def test_a_kernel_setting_that_does_not_exist():
    assert host.read_sysctl("no.such.setting", 1) == {"value": None, "differs": True, "writable": False}


def test_a_kernel_setting_is_compared_as_text():
    value = host.read_sysctl("net.ipv4.ip_local_port_range", "")["value"]
    assert value.count(" ") == 1
    assert host.read_sysctl("net.ipv4.ip_local_port_range", value.replace(" ", "\t"))["differs"] is False
    assert host.read_sysctl("net.ipv4.ip_local_port_range", f"{value} 1")["differs"] is True


def test_the_whole_reading(monkeypatch):
    options = {"names": ["localhost"], "addresses": ["127.0.0.1", "203.0.113.7"]}
    result = run_module(monkeypatch, host_info.main, options, check=True)
    assert result["changed"] is False
    assert set(result["resolved"]["localhost"]) <= {"127.0.0.1", "::1"}
    assert "127.0.0.1" in result["own_addresses"]
    assert "203.0.113.7" not in result["own_addresses"]
    assert set(result) == {
        *("changed", "distribution", "resolved", "hosts_file", "own_addresses", "sysctl", "packages", "time"),
        *("memory_mb", "user", "root"),
    }


@pytest.mark.parametrize(
    ("limits", "mb"),
    [((), 4096), (("max\n", ""), 4096), (("1073741824\n", ""), 1024), (("", "9223372036854771712\n"), 4096)],
)
def test_memory_is_what_the_host_has_or_may_use(limits, mb):
    assert host.memory_mb("MemFree: 1 kB\nMemTotal:        4194304 kB\n", limits) == mb


def test_unknown_memory_is_zero():
    assert host.memory_mb("") == 0
