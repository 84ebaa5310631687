# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Installed packages, without opening the cache of apt, which takes a second."""

from __future__ import annotations

FORMAT = "${Package}\t${db:Status-Abbrev}\t${Version}\n"


def installed_versions(module, names: list[str]) -> dict[str, str | None]:
    """Installed version by package; None when it is not, or not completely, installed."""
    versions: dict[str, str | None] = dict.fromkeys(names)
    if not names:
        return versions
    # dpkg-query exits with 1 when a name is unknown, and still prints the others.
    _rc, out, _err = module.run_command(["dpkg-query", "-W", f"--showformat={FORMAT}", *names])
    for line in out.splitlines():
        name, status, version = line.split("\t")
        # The first letter is what is wanted (a held package has an h), the second one what is there.
        if status[1:2] == "i":
            versions[name] = version
    return versions
