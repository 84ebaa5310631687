# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which packages a host has, without opening apt's cache (that costs a second on every host)."""

from __future__ import annotations

FORMAT = "${Package}\t${db:Status-Abbrev}\t${Version}\n"


def installed_versions(module, names: list[str]) -> dict[str, str | None]:
    """name -> installed version, None when it is not (or only half) installed."""
    versions: dict[str, str | None] = dict.fromkeys(names)
    if not names:
        return versions
    # dpkg-query exits 1 when one of the names is unknown, and still prints the others.
    _rc, out, _err = module.run_command(["dpkg-query", "-W", f"--showformat={FORMAT}", *names])
    for line in out.splitlines():
        name, status, version = line.split("\t")
        if status.startswith("ii"):
            versions[name] = version
    return versions
