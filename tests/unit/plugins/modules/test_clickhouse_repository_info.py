# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Real apt and a signed repository on the loopback; nothing is installed."""

import functools
import http.server
import os
import shutil
import subprocess

import pytest
from helpers import closed_port, run_module, serve
from package_repository import SigningKey, build_deb, write_repository

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.apt import PACKAGES, preferences, sources
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.repository import HOOKS
from ansible_collections.zoohouse.cluster.plugins.modules import clickhouse_repository_info

PROGRAMS = ("apt-get", "apt-cache", "dpkg-deb", "gpg")
pytestmark = pytest.mark.skipif(
    not all(shutil.which(name) for name in PROGRAMS), reason="needs apt, dpkg-deb and gpg of Debian"
)
OLD, NEW = "25.8.1.1", "25.8.2.29"
MAINTAINER = "ClickHouse Dev Team <packages+linux@clickhouse.com>"


def control(name, version):
    """The fields of an official package."""
    depends = {} if name == PACKAGES[0] else {"Depends": f"{PACKAGES[0]} (= {version})"}
    common = {"Architecture": "amd64", "Maintainer": MAINTAINER, "Description": "for tests"}
    return {"Package": name, "Version": version, **common, **depends}


@pytest.fixture(scope="module")
def debs(tmp_path_factory):
    """The packages of both versions, by version, and one that a distribution has under the same name."""
    directory = tmp_path_factory.mktemp("debs")
    built = {}
    for version in (OLD, NEW):
        trees = {name: directory / f"{name}-{version}" for name in PACKAGES}
        built[version] = [build_deb(tree, control(name, version), directory) for name, tree in trees.items()]
    theirs = {**control("clickhouse-common-static", "99.1.1"), "Package": "clickhouse-server"}
    built["distribution"] = [build_deb(directory / "theirs", theirs, directory)]
    return built


@pytest.fixture(scope="module")
def keys():
    own, other = SigningKey(), SigningKey("Somebody else")
    yield own, other
    own.close()
    other.close()


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def port(debs, keys, tmp_path_factory):
    """The port of a repository: stable has both versions, lts the old one, skewed an old client."""
    directory = tmp_path_factory.mktemp("repository")
    channels = {
        "stable": debs[OLD] + debs[NEW],
        "lts": debs[OLD],
        "skewed": debs[NEW][:2] + debs[OLD][2:],
        "distribution": debs["distribution"],
    }
    write_repository(directory, channels, keys[0])
    (directory / "key.asc").write_text(keys[0].public)
    handler = functools.partial(Files, directory=str(directory))
    with serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as server:
        yield server.server_address[1]


@pytest.fixture
def ask(monkeypatch, tmp_path, port, keys):
    def run(**changes):
        arguments = {"url": f"http://127.0.0.1:{port}", "key": keys[0].public, "timeout": 5, **changes}
        return run_module(monkeypatch, clickhouse_repository_info.main, arguments, check=True, tmp=tmp_path)

    return run


def test_what_a_repository_offers(ask, tmp_path):
    result = ask()
    assert (result["changed"], result["error"], result["key_error"]) == (False, "", "")
    assert result["versions"] == {name: [NEW, OLD] for name in PACKAGES}
    assert result["key"].startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----")
    assert list(tmp_path.iterdir()) == []


def test_no_command_of_the_host_runs(ask, tmp_path, monkeypatch):
    """Hooks of apt would leave traces on the host."""
    hooks = tmp_path / "hooks.conf"
    hooks.write_text("".join(f'{hook} {{ "touch {tmp_path}/trace"; }};\n' for hook in HOOKS))
    monkeypatch.setenv("APT_CONFIG", str(hooks))
    assert ask()["error"] == ""
    assert list(tmp_path.iterdir()) == [hooks]


def test_another_channel(ask):
    assert ask(channel="lts")["versions"] == {name: [OLD] for name in PACKAGES}
    assert ask(channel="skewed")["versions"] == {PACKAGES[0]: [NEW], PACKAGES[1]: [NEW], PACKAGES[2]: [OLD]}


def test_a_key_from_a_url(ask, port):
    result = ask(key=f"http://127.0.0.1:{port}/key.asc")
    assert result["error"] == result["key_error"] == "" and result["versions"]["clickhouse-server"] == [NEW, OLD]


def test_a_key_that_is_not_there(ask, port):
    assert ask(key=f"http://127.0.0.1:{port}/none.asc")["key_error"].startswith("not there: HTTP Error 404")


def test_text_that_is_no_key(ask):
    result = ask(key="<html>")
    assert result["key_error"] == "a web page" and result["key"] == ""


def test_the_key_of_somebody_else(ask, keys):
    result = ask(key=keys[1].public)
    assert "NO_PUBKEY" in result["error"] and result["versions"]["clickhouse-server"] == []


def test_a_channel_that_does_not_exist(ask):
    assert "does not have a Release file" in ask(channel="none")["error"]


def test_a_repository_that_does_not_answer(ask):
    assert "Could not connect to 127.0.0.1" in ask(url=f"http://127.0.0.1:{closed_port()}")["error"]


# --- The files of the role, in a root of their own


@pytest.fixture
def apt(tmp_path, keys):
    """apt-get of a root without packages, which only simulates. Returns (exit code, output)."""
    for name in ("lists/partial", "cache/archives/partial", "sources", "preferences"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "status").touch()
    (tmp_path / "key.asc").write_text(keys[0].public)
    places = {
        "Dir::State::lists": "lists", "Dir::State::status": "status", "Dir::Cache": "cache",
        "Dir::Etc::sourceparts": "sources", "Dir::Etc::preferencesparts": "preferences",
        "Dir::Etc::sourcelist": "none", "Dir::Etc::preferences": "none",
    }  # fmt: skip
    options = [f"-o{name}={tmp_path}/{place}" for name, place in places.items()]
    options += ["-oAPT::Sandbox::User=root", "-oAcquire::Languages=none"]

    def run(*arguments):
        command = ["apt-get", *options, "--simulate", "--yes", *arguments]
        if arguments[0] == "update":
            command = ["apt-get", *options, "update"]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def root(apt, tmp_path, port):
    """The root with the files of the role, and a distribution that has a later version under the same name."""

    def write(version=""):
        own = f"http://127.0.0.1:{port}"
        keyring = str(tmp_path / "key.asc")
        # To apt these are two origins.
        distribution = sources(f"http://localhost:{port}", "distribution", "amd64", "", keyring)
        (tmp_path / "sources" / "distribution.sources").write_text(distribution)
        (tmp_path / "sources" / "own.sources").write_text(sources(own, "stable", "amd64", "", keyring))
        (tmp_path / "preferences" / "own").write_text(preferences(version, own if version else ""))
        assert apt("update")[0] == 0

    return write


def installed(version, tmp_path, selection="hold"):
    text = ""
    for name in PACKAGES:
        fields = {"Package": name, "Status": f"{selection} ok installed", **control(name, version)}
        text += "".join(f"{field}: {value}\n" for field, value in fields.items()) + "\n"
    (tmp_path / "status").write_text(text)


def test_packages_come_in_the_pinned_version_only(apt, root):
    root(OLD)
    code, output = apt("install", *PACKAGES)
    assert code == 0 and all(f"Inst {name} ({OLD}" in output for name in PACKAGES)


def test_a_held_version_survives_an_upgrade(apt, root, tmp_path):
    root(NEW)
    installed(OLD, tmp_path)
    code, output = apt("dist-upgrade")
    assert code == 0 and "Inst " not in output and "kept back" in output


@pytest.mark.parametrize("version", [OLD, NEW])
def test_the_pin_alone_keeps_the_version(apt, root, tmp_path, version):
    """Neither a later version of the repository nor that of the distribution takes over when the hold has gone."""
    root(version)
    installed(version, tmp_path, "install")
    code, output = apt("dist-upgrade")
    assert code == 0 and "Inst " not in output


def test_another_origin_never_takes_over(apt, root, tmp_path):
    """Not even when the repository does not have the version any more."""
    root("25.7.1.1")
    assert f"Inst clickhouse-server ({NEW}" in apt("install", "clickhouse-server")[1]
    installed("25.7.1.1", tmp_path, "install")
    assert "Inst " not in apt("dist-upgrade")[1]


def test_files_are_installed_and_upgraded_together_although_apt_gets_nothing_by_their_names(apt, root, tmp_path, debs):
    root()
    assert "has no installation candidate" in apt("install", "clickhouse-server")[1]
    code, output = apt("install", *map(str, debs[OLD]))
    assert code == 0 and all(f"Inst {name} ({OLD}" in output for name in PACKAGES)
    installed(OLD, tmp_path)
    assert "Held packages were changed" in apt("install", *map(str, debs[NEW]))[1]
    code, output = apt("install", "--allow-change-held-packages", *map(str, debs[NEW]))
    assert code == 0 and all(f"Inst {name} [{OLD}] ({NEW}" in output for name in PACKAGES)
