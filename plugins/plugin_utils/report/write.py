# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The files of the report on the control node."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from typing import Any

from ansible_collections.zoohouse.cluster.plugins.module_utils.report.files import render_json, render_junit

from .page import render_html

MODE = 0o640
RENDERERS = {"health.json": render_json, "health.junit.xml": render_junit, "health.html": render_html}


def write_report(report: Mapping[str, Any], directory: str) -> list[str]:
    """Writes all files, each as a whole. Returns their paths. Raises OSError."""
    texts = {name: render(report) for name, render in RENDERERS.items()}
    os.makedirs(directory, mode=0o750, exist_ok=True)
    return [_write(os.path.join(directory, name), text) for name, text in texts.items()]


def _write(path: str, text: str) -> str:
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".health-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            mask = os.umask(0)
            os.umask(mask)
            os.fchmod(file.fileno(), MODE & ~mask)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return path
