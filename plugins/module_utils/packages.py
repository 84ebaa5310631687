# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Installed packages, without opening the cache of apt, which takes a second."""

from __future__ import annotations

from dataclasses import dataclass

FORMAT = "${Package}\t${db:Status-Abbrev}\t${Version}\t${Maintainer}\n"


@dataclass(frozen=True)
class Package:
    """What dpkg knows of a package.

    version: empty when it is not, or not completely, installed. held: whether apt must not change it; a package that is
    not installed can be held, too. maintainer: the domain of the maintainer's address.
    """

    version: str = ""
    held: bool = False
    maintainer: str = ""


def read_packages(module, names: list[str]) -> dict[str, Package]:
    """The packages of these names."""
    packages = dict.fromkeys(names, Package())
    if not names:
        return packages
    # dpkg-query exits with 1 when a name is unknown, and still prints the others.
    _rc, out, _err = module.run_command(["dpkg-query", "-W", f"--showformat={FORMAT}", *names])
    for line in out.splitlines():
        name, status, version, maintainer = line.split("\t")
        # The first letter is what is wanted, the second one what is there.
        installed = status[1:2] == "i"
        packages[name] = Package(version if installed else "", status[:1] == "h", _domain(maintainer))
    return packages


def installed_versions(module, names: list[str]) -> dict[str, str | None]:
    """Installed version by package; None when it is not, or not completely, installed."""
    return {name: package.version or None for name, package in read_packages(module, names).items()}


def _domain(maintainer: str) -> str:
    return maintainer.rpartition("<")[2].rstrip("> ").rpartition("@")[2].lower()
