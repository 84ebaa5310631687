# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The filters are loaded before Ansible forks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.zoohouse.cluster.plugins.plugin_utils.loaded_filters import FILTERS

CHECKOUT = Path(__file__).resolve().parents[4]
PACKAGE = "ansible_collections.zoohouse.cluster.plugins"


def test_every_file_of_filters_is_loaded():
    assert [module.__name__.rpartition(".")[2] for module in FILTERS] == sorted(
        path.stem for path in (CHECKOUT / "plugins/filter").glob("*.py")
    )


@pytest.mark.parametrize("action", ["topology", "validate_groups"])
def test_the_action_plugins_of_the_first_tasks_load_them(action):
    code = f"import sys, {PACKAGE}.action.{action}; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(CHECKOUT / ".ansible/collections")},
    )
    assert {module.__name__ for module in FILTERS} <= set(done.stdout.split())
