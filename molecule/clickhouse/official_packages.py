"""The packages of the distribution under the official names, in two versions, as a repository and as archives.

It runs on a host that has the packages of the distribution: official_packages.py DIRECTORY_OF_DEBS OUTPUT
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

from package_repository import SigningKey, build_deb, run, write_repository

# Versions of the same year and month as the server itself, so that it knows what the role writes for them.
VERSIONS = ("18.16.101", "18.16.102")
STATIC, SERVER, CLIENT = "clickhouse-common-static", "clickhouse-server", "clickhouse-client"
MAINTAINER = "ClickHouse Dev Team <packages+linux@clickhouse.com>"
LIBRARY = "libclickhouse.so.18.16"
# As in the official packages one program has several names, and the version is that of the package.
PROGRAM = """\
#!/bin/sh
case ${{0##*/}} in
  clickhouse-server | clickhouse-client) name=${{0##*/}} ;;
  *) name=clickhouse-$1; shift ;;
esac
if [ "$*" = --version ]; then
  echo "ClickHouse ${{name#clickhouse-}} version {version} (official build)."
  exit
fi
export LD_LIBRARY_PATH=/usr/lib/clickhouse-{version}
exec "/usr/bin/$name-main" "$@"
"""
UNIT = """\
[Unit]
Description=ClickHouse Server
After=network-online.target

[Service]
User=clickhouse
Group=clickhouse
ExecStart=/usr/bin/clickhouse-server --config=/etc/clickhouse-server/config.xml

[Install]
WantedBy=multi-user.target
"""
# Like the official one it enables the service and does not start it.
POSTINST = """\
#!/bin/sh
set -e
if [ "$1" = configure ]; then
  getent group clickhouse >/dev/null || groupadd --system clickhouse
  getent passwd clickhouse >/dev/null ||
    useradd --system --gid clickhouse --home-dir /nonexistent --shell /bin/false clickhouse
  install --directory --owner clickhouse --group clickhouse --mode 0700 /var/lib/clickhouse
  install --directory --owner clickhouse --group clickhouse --mode 0770 /var/log/clickhouse-server
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl enable clickhouse-server
  fi
fi
"""
# It copies file by file, over what is there.
DOINST = """\
#!/bin/sh
set -e
cd "$(dirname "$0")/.."
find . '(' -type f -o -type l ')' ! -path './install/*' | while read -r file; do
  mkdir -p "/$(dirname "$file")"
  cp -r "$file" "/$file"
done
"""


def trees(source: Path, version: str, output: Path) -> dict[str, Path]:
    """The files of each package. source: the files of the packages of the distribution."""
    configuration = [f"etc/clickhouse-server/{name}.xml" for name in ("config", "users")]
    places = {
        STATIC: {
            "usr/sbin/clickhouse-server": "usr/bin/clickhouse-server-main",
            "usr/bin/clickhouse-client": "usr/bin/clickhouse-client-main",
            f"usr/lib/x86_64-linux-gnu/{LIBRARY}": f"usr/lib/clickhouse-{version}/{LIBRARY}",
        },
        SERVER: {name: name for name in configuration},
        CLIENT: {"etc/clickhouse-client/config.xml": "etc/clickhouse-client/config.xml"},
    }
    texts = {STATIC: {"usr/bin/clickhouse": PROGRAM.format(version=version)}}
    texts[SERVER] = {"lib/systemd/system/clickhouse-server.service": UNIT}
    for package, files in places.items():
        tree = output / package
        for origin, place in files.items():
            (tree / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / origin, tree / place)
        for place, text in texts.get(package, {}).items():
            (tree / place).parent.mkdir(parents=True, exist_ok=True)
            (tree / place).write_text(text)
        if package != STATIC:
            (tree / "usr/bin").mkdir(parents=True)
            (tree / "usr/bin" / package).symlink_to("clickhouse")
    (output / STATIC / "usr/bin/clickhouse").chmod(0o755)
    return {package: output / package for package in places}


def dependencies(debs: Path) -> str:
    """What the programs of the distribution need, without the packages that are replaced."""
    needed = {
        part.strip(): None
        for deb in sorted(debs.glob("clickhouse-*.deb"))
        for part in run("dpkg-deb", "--field", deb, "Depends").split(",")
    }
    return ", ".join(part for part in needed if part and not part.startswith("clickhouse-"))


def control(package: str, version: str, libraries: str) -> dict[str, str]:
    fields = {"Package": package, "Version": version, "Maintainer": MAINTAINER}
    if package == STATIC:
        return {**fields, "Depends": libraries, "Provides": "clickhouse-common", "Replaces": "clickhouse-common"}
    return {**fields, "Depends": f"{STATIC} (= {version})"}


def archive(tree: Path, package: str, version: str, output: Path) -> Path:
    """A package as an archive with an installation script."""
    directory = tree.parent / f"{package}-{version}"
    shutil.copytree(tree, directory, symlinks=True)
    postinst = directory / "DEBIAN" / "postinst"
    script = DOINST + (postinst.read_text().partition("\n")[2] if postinst.exists() else "")
    shutil.rmtree(directory / "DEBIAN")
    (directory / "install").mkdir()
    (directory / "install" / "doinst.sh").write_text(script)
    (directory / "install" / "doinst.sh").chmod(0o755)
    path = output / f"{package}-{version}-amd64.tgz"
    run(
        "tar",
        "--create",
        "--use-compress-program=gzip -1",
        f"--file={path}",
        f"--directory={tree.parent}",
        directory.name,
    )
    shutil.rmtree(directory)
    return path


def main() -> None:
    debs, output = Path(sys.argv[1]), Path(sys.argv[2])
    source, built = output / "source", output / "built"
    for directory in (source, built, output / "tgz"):
        directory.mkdir(parents=True)
    for deb in debs.glob("clickhouse-*.deb"):
        run("dpkg-deb", "--extract", deb, source)
    packages: dict[str, dict[str, Path]] = {}
    for version in VERSIONS:
        packages[version] = {}
        for package, tree in trees(source, version, output / version).items():
            scripts = {"postinst": POSTINST} if package == SERVER else {}
            fields = control(package, version, dependencies(debs))
            packages[version][package] = build_deb(tree, fields, built, scripts)
            archive(tree, package, version, output / "tgz")
        shutil.rmtree(output / version)
    shutil.rmtree(source)
    old, new = (packages[version] for version in VERSIONS)
    channels = {
        "stable": [*old.values(), *new.values()],
        "lts": list(old.values()),
        "skewed": [new[STATIC], new[SERVER], old[CLIENT]],
    }
    key, other = SigningKey(), SigningKey("Somebody else")
    write_repository(output / "deb", channels, key)
    (output / "key.asc").write_text(key.public)
    (output / "other.asc").write_text(other.public)
    for pair in (key, other):
        pair.close()
    shutil.rmtree(built)
    files = [*(output / "tgz").iterdir(), *(output / "deb" / "pool").iterdir()]
    checksums = {file.name: f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files}
    (output / "checksums.json").write_text(json.dumps(checksums))


if __name__ == "__main__":
    main()
