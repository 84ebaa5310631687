# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Compares what is installed with what is wanted: is it complete, and may it be changed? Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..findings import Finding, validation_error
from .apt import PACKAGES, PREFERENCES, SOURCES, preferences, sources
from .installed import UNKNOWN
from .versions import same_release, validate_upgrade, validate_version

METHODS = ("distribution", "repository", "archive", "files")
# What the distribution packages under these names, and a library of the modules.
DISTRIBUTION_PACKAGES = ("clickhouse-server", "clickhouse-client")
LIBRARY = "python3-kazoo"
FILE_NAMES = {"archive": "{name}-{version}-{architecture}.tgz", "files": "{name}_{version}_{architecture}.deb"}
URL_VARIABLES = {
    "repository": "clickhouse_repository_url",
    "archive": "clickhouse_archive_url",
    "files": "clickhouse_files_url",
}
CHECKSUM = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
URL = re.compile(r"https?://[^/\s]+\S*")


@dataclass(frozen=True)
class Wanted:
    """The role variables of an installation.

    version: clickhouse_version, empty for that of the distribution. packaged: the version of the distribution, empty
    when it packages none. url: of the repository, the archives or the files.
    """

    method: str = "distribution"
    version: str = ""
    packaged: str = ""
    vendor: str = "clickhouse.com"
    url: str = ""
    channel: str = ""
    key: str = ""
    checksums: Mapping[str, str] = field(default_factory=dict)

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages that dpkg should know."""
        return {"distribution": DISTRIBUTION_PACKAGES, "archive": ()}.get(self.method, PACKAGES)

    @property
    def is_local(self) -> bool:
        """Whether the files are on the control node."""
        return self.method == "files" and self.url.startswith("/")

    def file_names(self, architecture: str) -> list[str]:
        pattern = FILE_NAMES.get(self.method, "")
        names = PACKAGES if pattern else ()
        return [pattern.format(name=name, version=self.version, architecture=architecture) for name in names]

    def files(self, architecture: str) -> list[dict[str, str]]:
        """The files that are installed: name, place and checksum."""
        return [
            {"name": name, "src": f"{self.url.rstrip('/')}/{name}", "checksum": self.checksums.get(name, "")}
            for name in self.file_names(architecture)
        ]

    def apt_files(self, architecture: str) -> dict[str, str]:
        """Files of apt by path, which exist before the packages do."""
        if self.method == "distribution":
            return {}
        if self.method != "repository":
            return {PREFERENCES: preferences()}
        return {
            SOURCES: sources(self.url, self.channel, architecture, self.key),
            PREFERENCES: preferences(self.version, self.url),
        }


def is_complete(wanted: Wanted, installed: Mapping[str, Any]) -> bool:
    """Whether nothing is to be installed. installed: what clickhouse_server_info returned."""
    packages = installed["packages"]
    # Any version of the distribution's is right.
    exact = wanted.version if wanted.method != "distribution" else ""
    present = [packages[name] for name in wanted.packages]
    texts = wanted.apt_files(installed["architecture"])
    return (
        bool(packages[LIBRARY]["version"])
        and all(package["held"] and package["version"] == (exact or package["version"] or None) for package in present)
        and (wanted.method != "archive" or installed["archive_version"] == wanted.version)
        and all(installed["files"][path] == hashlib.sha256(text.encode()).hexdigest() for path, text in texts.items())
    )


def validate_install(host: str, wanted: Wanted, installed: Mapping[str, Any]) -> list[Finding]:
    """Validation errors of the variables, or else of what is installed."""
    errors = list(_variables(host, wanted, installed["architecture"]))
    return errors or list(_host(host, wanted, installed))


def _variables(host: str, wanted: Wanted, architecture: str) -> Iterator[Finding]:
    if wanted.method not in METHODS:
        expected = f"one of {', '.join(METHODS)}"
        yield validation_error("clickhouse_install_method", host, wanted.method, expected)
        return
    if wanted.method == "distribution":
        yield from _distribution(host, wanted)
        return
    invalid = validate_version(host, wanted.version)
    yield from invalid
    if wanted.method == "repository":
        for variable, value in (("clickhouse_channel", wanted.channel), ("clickhouse_repository_key", wanted.key)):
            if not value or "\n" in value:
                yield validation_error(variable, host, value.partition("\n")[0], "one line of text")
    if not wanted.is_local and not URL.fullmatch(wanted.url):
        directory = " or an absolute path of the control node" if wanted.method == "files" else ""
        expected = f"a URL that begins with http:// or https://{directory}"
        yield validation_error(URL_VARIABLES[wanted.method], host, wanted.url, expected)
    for name in wanted.file_names(architecture) if not invalid else ():
        checksum = wanted.checksums.get(name, "")
        if not CHECKSUM.fullmatch(checksum):
            found = f"{checksum or 'no checksum'} for {name}"
            expected = "sha256: or sha512: and the checksum in lower-case hexadecimal digits"
            hint = "Take it from the vendor, not from the mirror that serves the file."
            yield validation_error("clickhouse_checksums", host, found, expected, hint)


def _distribution(host: str, wanted: Wanted) -> Iterator[Finding]:
    if not wanted.packaged:
        hint = f"Choose one of {', '.join(METHODS[1:])}."
        found = "distribution, which does not package ClickHouse"
        yield validation_error("clickhouse_install_method", host, found, "a method with packages", hint)
    elif wanted.version not in ("", wanted.packaged):
        hint = "For another version, set clickhouse_install_method to repository, archive or files."
        expected = f"{wanted.packaged}, which the distribution packages"
        yield validation_error("clickhouse_version", host, wanted.version, expected, hint)


def _host(host: str, wanted: Wanted, installed: Mapping[str, Any]) -> Iterator[Finding]:
    packages = {name: package for name, package in installed["packages"].items() if name.startswith("clickhouse-")}
    present = {name: package for name, package in packages.items() if package["version"]}
    # The role writes its pin before it installs anything.
    own = bool(installed["files"].get(PREFERENCES))
    archive = installed["archive_version"]
    if archive and (wanted.method != "archive" or (archive == UNKNOWN and not own)):
        found = f"{wanted.method}, but a server that no package has installed (version {archive})"
        hint = "Keep the method archive, or remove that server from /usr/bin; its data and settings can stay."
        yield validation_error("clickhouse_install_method", host, found, "no other installation", hint)
        return
    if present and wanted.method == "archive":
        found = f"archive, but the packages {_listed(present)}"
        hint = "Files of archives and packages would overwrite each other. Keep the packages, or remove them first."
        yield validation_error("clickhouse_install_method", host, found, "no packages", hint)
        return
    changes = _changes(host, wanted, packages["clickhouse-server"]["version"] or archive)
    yield from changes
    others = [] if changes else _others(wanted, present)
    if others:
        found = f"{wanted.method}, but {_listed({name: present[name] for name in others})}"
        hint = "Set the method and version of what is installed, or remove these packages; data and settings can stay."
        yield validation_error("clickhouse_install_method", host, found, f"packages of {_vendor(wanted)}", hint)
    if not changes and not others and not own:
        yield from _left_alone(host, wanted, packages)


def _changes(host: str, wanted: Wanted, server: str) -> list[Finding]:
    """Validation errors for the change from the installed version. server: empty when there is none."""
    if server in ("", UNKNOWN) or (wanted.method == "distribution" and same_release(server, wanted.packaged)):
        return []
    return validate_upgrade(host, server, wanted.version or wanted.packaged)


def _others(wanted: Wanted, present: Mapping[str, Any]) -> list[str]:
    """Installed packages with the wanted names that somebody else has made."""
    if wanted.method == "distribution":
        return [name for name in present if not same_release(present[name]["version"], wanted.packaged)]
    return [name for name in wanted.packages if name in present and present[name]["maintainer"] != wanted.vendor]


def _left_alone(host: str, wanted: Wanted, packages: Mapping[str, Any]) -> Iterator[Finding]:
    """What somebody has done to the packages before the role. With the pin of the role it was the role."""
    names = [name for name in wanted.packages if name in packages]
    versions = {packages[name]["version"] for name in names} - {""}
    if len(versions) > 1:
        found = _listed({name: packages[name] for name in names if packages[name]["version"]})
        hint = f"Bring them to one version: apt-get install {' '.join(f'{name}={min(versions)}' for name in names)}."
        yield validation_error("clickhouse_version", host, found, "one version of all packages", hint)
    # What is installed already keeps its version, so that its hold does not matter.
    target = wanted.version if wanted.method != "distribution" else ""
    held = [
        name
        for name in names
        if packages[name]["held"] and packages[name]["version"] != (target or packages[name]["version"] or None)
    ]
    if held:
        hint = f"Somebody keeps the version. If it may change: apt-mark unhold {' '.join(held)}."
        yield validation_error("clickhouse_version", host, f"a hold on {', '.join(held)}", "no hold", hint)


def _vendor(wanted: Wanted) -> str:
    return f"the distribution ({wanted.packaged})" if wanted.method == "distribution" else wanted.vendor


def _listed(packages: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {package['version']} of {package['maintainer'] or 'nobody'}" for name, package in packages.items()
    )
