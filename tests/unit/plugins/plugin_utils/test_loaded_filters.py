# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The filters are loaded before Ansible forks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[4]
PACKAGE = "ansible_collections.zoohouse.cluster.plugins.filter"
# As the process does it that forks.
LOAD = """\
import sys
from ansible.plugins.loader import action_loader, init_plugin_loader
init_plugin_loader()
action_loader.get("zoohouse.cluster.{}", class_only=True)
print(*sys.modules, sep="\\n")
"""


@pytest.mark.parametrize("action", ["topology", "validate_groups"])
def test_the_action_plugins_of_the_first_tasks_load_all_of_them(action):
    done = subprocess.run(
        [sys.executable, "-c", LOAD.format(action)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg")},
    )
    wanted = {f"{PACKAGE}.{path.stem}" for path in (CHECKOUT / "plugins/filter").glob("*.py")}
    assert wanted and wanted <= set(done.stdout.split())
