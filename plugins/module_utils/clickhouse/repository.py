# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What a repository offers, asked with the host's own apt in a directory of its own: nothing on the host changes."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from typing import Any

from ..findings import Finding, validation_error
from .apt import PACKAGES, read_key, sources
from .install import Wanted

# Versions that a message names.
NAMED = 5
# Commands of the host around an update, such as one that records when it was.
HOOKS = ("APT::Update::Pre-Invoke", "APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success")
NOISE = re.compile(r"^[EW]: (?:Failed to fetch \S+\s+)?")
SIGNATURE = re.compile(r"GPG error|NO_PUBKEY|not signed|signature|verif|Signed-By", re.IGNORECASE)


def read_repository(module, url: str, channel: str, architecture: str, key: bytes, timeout: int) -> dict[str, Any]:
    """The key as armoured text, or why it is none; the versions of each package, or why apt cannot read them."""
    result: dict[str, Any] = {"key": "", "key_error": "", "error": "", "versions": {name: [] for name in PACKAGES}}
    try:
        result["key"] = read_key(key)
    except ValueError as error:
        result["key_error"] = str(error)
        return result
    with tempfile.TemporaryDirectory(dir=module.tmpdir) as root:
        options = _private_apt(root, url, channel, architecture, result["key"], timeout)
        environment = {"LC_ALL": "C"}
        update = ["apt-get", *options, "update"]
        _rc, _out, errors = module.run_command(update, environ_update=environment)
        result["error"] = apt_error(errors)
        if not result["error"]:
            listed = module.run_command(["apt-cache", *options, "madison", *PACKAGES], environ_update=environment)[1]
            for line in listed.splitlines():
                name, version, _source = (part.strip() for part in line.split("|"))
                result["versions"][name].append(version)
    return result


def _private_apt(root: str, url: str, channel: str, architecture: str, key: str, timeout: int) -> list[str]:
    """Options of apt: this repository alone, but the proxies and logins that the host has for its own."""
    for directory in ("lists/partial", "cache/archives/partial", "sources", "preferences"):
        os.makedirs(os.path.join(root, directory))
    keyring = os.path.join(root, "key.asc")
    options = {
        "Dir::State::lists": f"{root}/lists",
        "Dir::State::status": f"{root}/status",
        "Dir::Cache": f"{root}/cache",
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": f"{root}/sources",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": f"{root}/preferences",
        # The directory is readable for root only.
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Acquire::Retries": "0",
        "Acquire::http::Timeout": str(timeout),
        "Acquire::https::Timeout": str(timeout),
    }
    files = {
        "key.asc": key,
        "status": "",
        "sources/repository.sources": sources(url, channel, architecture, "", keyring),
        "apt.conf": "".join([*(f"#clear {name};\n" for name in HOOKS), *(f'{n} "{v}";\n' for n, v in options.items())]),
    }
    for name, text in files.items():
        with open(os.path.join(root, name), "w") as file:
            file.write(text)
    return [f"--config-file={root}/apt.conf"]


def apt_error(output: str) -> str:
    """What apt says first about a repository that it cannot use, without the file that it wanted; empty if it can."""
    lines = [NOISE.sub("", line).strip() for line in output.splitlines() if line.startswith(("E:", "W:"))]
    return next((line for line in lines if SIGNATURE.search(line)), lines[0] if lines else "")


def validate_repository(host: str, wanted: Wanted, found: Mapping[str, Any]) -> list[Finding]:
    """Validation errors of the key, the repository or the version. found: what clickhouse_repository_info returned."""
    if found["key_error"]:
        text = f"{wanted.key}, which is {found['key_error']}"
        hint = "It must be the public key, in armoured or binary form."
        return [validation_error("clickhouse_repository_key", host, text, "a public OpenPGP key", hint)]
    if found["error"]:
        signature = SIGNATURE.search(found["error"])
        variable = "clickhouse_repository_key" if signature else "clickhouse_repository_url"
        expected = f"a key that has signed {wanted.url}" if signature else "a repository that the host can read"
        hint = "Another key or a damaged mirror." if signature else "Check the URL, and proxy and firewall of the host."
        text = f"{wanted.url} {wanted.channel}: {found['error']}"
        return [validation_error(variable, host, text, expected, hint)]
    missing = [name for name in PACKAGES if wanted.version not in found["versions"][name]]
    if not missing:
        return []
    offered = found["versions"][missing[0]]
    expected = f"one of {', '.join(offered[:NAMED])}{' and older ones' if len(offered) > NAMED else ''}"
    return [
        validation_error(
            "clickhouse_version",
            host,
            f"{wanted.version}, which {wanted.url} {wanted.channel} does not have for {', '.join(missing)}",
            expected if offered else "a repository with this package",
            "Choose one of them, or another clickhouse_channel.",
        )
    ]
