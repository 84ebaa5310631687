"""The repository of this scenario, and playbooks against its hosts."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent
PORT = 8080
DIRECTORY = "/srv/packages"
PROGRAMS = ("shared/package_repository.py", "clickhouse/official_packages.py")


@pytest.fixture(scope="session")
def packages(lab, tmp_path_factory):
    """Serves the packages. Returns the variables that need them: checksums, and a directory of the control node."""
    container = f"{lab.variable('pkg1', 'lab_name')}-pkg1"
    lab.shell(
        "pkg1",
        "apt-get update && apt-get install --yes --no-install-recommends gnupg && mkdir -p /root/debs "
        "&& cd /root/debs && apt-get download clickhouse-common clickhouse-server clickhouse-client",
    )
    for program in PROGRAMS:
        subprocess.run(["docker", "cp", str(HERE.parent / program), f"{container}:/root/"], check=True)
    lab.shell("pkg1", f"python3 /root/official_packages.py /root/debs {DIRECTORY}")
    lab.shell("pkg1", f"systemd-run --unit=packages python3 -m http.server {PORT} --directory {DIRECTORY}")
    url = f"http://{lab.address('pkg1')}:{PORT}"
    checksums = json.loads(lab.until(lambda: read(f"{url}/checksums.json"), 30, "the packages are served"))
    directory = tmp_path_factory.mktemp("packages")
    for name in checksums:
        if name.endswith(".deb"):
            (directory / name).write_bytes(read(f"{url}/deb/pool/{name}"))
    # The archives contain a server of the distribution, which is not static as the official one is.
    static = f"{DIRECTORY}/deb/pool/clickhouse-common-static_18.16.101_amd64.deb"
    libraries = lab.shell("pkg1", f"dpkg-deb --field {static} Depends")
    lab.shell("tgz1", f"apt-get update && apt-get satisfy --yes --no-install-recommends '{libraries}'")
    return {"clickhouse_checksums": checksums, "clickhouse_files_url": str(directory)}


def read(url: str) -> bytes:
    """The content of a URL; empty while nothing answers."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.read()
    except OSError:
        return b""


@pytest.fixture
def playbook(lab, packages, tmp_path):
    """Runs a playbook. hosts: variables by host. shared: variables of all hosts."""

    def run(name: str, *options: str, hosts: dict | None = None, **shared) -> subprocess.CompletedProcess:
        overlay = tmp_path / "overlay.json"
        overlay.write_text(json.dumps({"all": {"vars": {**packages, **shared}, "hosts": hosts or {}}}))
        inventories = ["-i", str(HERE / "inventory"), "-i", str(overlay)]
        return lab.run(["ansible-playbook", *inventories, f"playbooks/{name}.yml", *options])

    return run
