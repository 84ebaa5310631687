# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What the role clickhouse makes of the variables of an installation, evaluated by Ansible."""

import json

import jinja2
import pytest
import yaml
from helpers import CHECKOUT, run_ansible

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse import apt, install

ROLE = CHECKOUT / "roles" / "clickhouse"
VARIABLES = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
NAMES = (
    "__clickhouse_installation",
    "__clickhouse_downloads",
    "__clickhouse_unpacked",
    "__clickhouse_repository_key",
    "__clickhouse_root",
)
PACKAGES = ("clickhouse-common-static", "clickhouse-server", "clickhouse-client")
VERSION = "25.8.2.29"
CHECKSUM = "sha256:" + "a" * 64
# A host on which nothing is installed.
HOST = {
    "__host_status": {"distribution": "debian-12"},
    "__clickhouse_server": {
        "packages": {name: {"version": "", "held": False, "maintainer": ""} for name in (*PACKAGES, "python3-kazoo")},
        "architecture": "amd64",
        "archive_version": "",
        "files": dict.fromkeys(VARIABLES["__clickhouse_apt_paths"]),
    },
}


METHOD = "clickhouse_install_method"
# Role variables by case; each is a host of one run.
CASES = {
    "distribution": {},
    "repository": {
        METHOD: "repository",
        "clickhouse_version": VERSION,
        "clickhouse_repository_url": "https://mirror.example.com/deb",
        "clickhouse_repository_key": str(CHECKOUT / "LICENSE"),
    },
    "no_key": {"clickhouse_repository_key": "/nowhere/key.asc"},
    "archive": {
        METHOD: "archive",
        "clickhouse_version": VERSION,
        "clickhouse_channel": "stable",
        "clickhouse_checksums": {f"{name}-{VERSION}-amd64.tgz": CHECKSUM for name in PACKAGES},
    },
    "files": {
        METHOD: "files",
        "clickhouse_version": VERSION,
        "clickhouse_files_url": "/srv/clickhouse/",
        # As -e passes it.
        "clickhouse_checksums": json.dumps({f"{name}_{VERSION}_amd64.deb": CHECKSUM for name in PACKAGES}),
    },
    "number": {METHOD: "repository", "clickhouse_version": 25.10},
}


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    """The values of NAMES by case."""
    directory = tmp_path_factory.mktemp("installation")
    inventory, play = directory / "hosts.json", directory / "play.yml"
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    inventory.write_text(json.dumps({"all": {"vars": {**defaults, **VARIABLES, **HOST}, "hosts": CASES}}))
    result = {name: f"{{{{ {name} }}}}" for name in NAMES}
    copy = {"dest": f"{directory}/{{{{ inventory_hostname }}}}.result", "content": "{{ __result | to_json }}"}
    task = {"vars": {"__result": result}, "ansible.builtin.copy": copy}
    play.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": [task]}]))
    run_ansible(directory, "ansible-playbook", "-c", "local", "-i", str(inventory), str(play))
    return {case: json.loads((directory / f"{case}.result").read_text()) for case in CASES}


def test_the_default_is_what_the_distribution_packages(values):
    assert values["distribution"]["__clickhouse_root"] == "yandex"
    assert values["distribution"]["__clickhouse_installation"] == {
        "errors": [],
        "complete": False,
        "packages": ["clickhouse-server", "clickhouse-client", "python3-kazoo"],
        "held": ["clickhouse-server", "clickhouse-client"],
        "files": [],
        "is_local": False,
        "apt_files": {},
    }


def test_a_repository(values):
    installation = values["repository"]["__clickhouse_installation"]
    assert installation["errors"] == []
    assert installation["packages"] == [*(f"{name}={VERSION}" for name in PACKAGES), "python3-kazoo"]
    assert installation["held"] == list(PACKAGES)
    assert list(installation["apt_files"]) == VARIABLES["__clickhouse_apt_paths"]
    sources, preferences = installation["apt_files"].values()
    assert "URIs: https://mirror.example.com/deb\nSuites: lts\n" in sources
    assert f"Signed-By: {VARIABLES['__clickhouse_keyring']}\n" in sources
    assert 'Pin: origin "mirror.example.com"' in preferences
    assert values["repository"]["__clickhouse_root"] == "clickhouse"


def test_the_key_of_a_repository_is_a_url_or_a_file(values):
    assert values["distribution"]["__clickhouse_repository_key"].startswith("https://packages.clickhouse.com/")
    assert "Apache License" in values["repository"]["__clickhouse_repository_key"]
    assert values["no_key"]["__clickhouse_repository_key"] == ""


def test_archives(values):
    installation = values["archive"]["__clickhouse_installation"]
    assert (installation["errors"], installation["held"]) == ([], [])
    assert installation["files"][1] == {
        "name": f"clickhouse-server-{VERSION}-amd64.tgz",
        "src": f"https://packages.clickhouse.com/tgz/stable/clickhouse-server-{VERSION}-amd64.tgz",
        "checksum": CHECKSUM,
    }
    directory = VARIABLES["__clickhouse_download_dir"]
    assert values["archive"]["__clickhouse_downloads"] == [
        f"{directory}/{name}-{VERSION}-amd64.tgz" for name in PACKAGES
    ]
    assert values["archive"]["__clickhouse_unpacked"] == [f"{directory}/{name}-{VERSION}" for name in PACKAGES]


def test_files_of_the_control_node(values):
    installation = values["files"]["__clickhouse_installation"]
    assert (installation["errors"], installation["is_local"]) == ([], True)
    assert installation["files"][0]["src"] == f"/srv/clickhouse/clickhouse-common-static_{VERSION}_amd64.deb"


def test_a_version_that_is_a_number_to_yaml(values):
    (error,) = values["number"]["__clickhouse_installation"]["errors"]
    assert (error["check"], error["subject"], error["found"]) == ("clickhouse_version", "number", "25.1")


def test_the_names_of_the_role_are_those_of_the_modules():
    assert VARIABLES["__clickhouse_known_packages"][:-1] == list(PACKAGES) == list(apt.PACKAGES)
    assert VARIABLES["__clickhouse_apt_paths"] == [apt.SOURCES, apt.PREFERENCES]
    assert VARIABLES["__clickhouse_keyring"] == apt.KEYRING
    assert VARIABLES["__clickhouse_library"] == install.LIBRARY


def drop_in(**variables):
    """The drop-in of the unit, rendered like config_tree does."""
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    template = environment.from_string((ROLE / "templates" / "systemd" / "zoohouse.conf.j2").read_text())
    return template.render(clickhouse_nofile=500000, **variables)


def test_another_version_changes_the_drop_in_so_that_the_service_restarts():
    versions = [drop_in(clickhouse_install_method="repository", __clickhouse_version=version) for version in "ab"]
    assert versions[0] != versions[1]
    default = drop_in(clickhouse_install_method="distribution", __clickhouse_version="a")
    assert default == drop_in(clickhouse_install_method="distribution", __clickhouse_version="b")
    assert default.startswith("# Written by zoohouse.cluster.clickhouse.\n[Unit]\n")
