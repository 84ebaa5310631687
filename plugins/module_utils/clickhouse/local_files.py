# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Package files on the control node."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping

from ..findings import Finding, validation_error

CHUNK = 1 << 20


def validate_files(host: str, files: Iterable[Mapping[str, str]]) -> list[Finding]:
    """Validation errors for files that are not there, or not those of their checksum."""
    errors = []
    for file in files:
        algorithm, _colon, wanted = file["checksum"].partition(":")
        path = file["src"]
        if not os.path.isfile(path):
            hint = "Copy it there, or set clickhouse_files_url to its directory or URL."
            errors.append(validation_error("clickhouse_files_url", host, f"no file {path}", "a file", hint))
            continue
        found = checksum(path, algorithm)
        if found != wanted:
            text = f"{algorithm}:{found} of {path}"
            hint = "The file is another version, damaged or not the vendor's."
            errors.append(validation_error("clickhouse_checksums", host, text, file["checksum"], hint))
    return errors


def checksum(path: str, algorithm: str) -> str:
    digest = hashlib.new(algorithm)
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()
