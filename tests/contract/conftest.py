# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Makes the checkout importable as the collection, with its filters, and starts one engine at a time."""

import sys
from pathlib import Path

import pytest
from ansible.plugins.loader import init_plugin_loader

HERE = Path(__file__).resolve().parent
COLLECTIONS = HERE.parents[1] / ".ansible" / "collections"
for place in (HERE, COLLECTIONS):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))
init_plugin_loader([str(COLLECTIONS)])

from engines import VERSIONS, Engine  # noqa: E402 - after the paths
from inventories import INVENTORIES  # noqa: E402
from rendering import render, write  # noqa: E402


@pytest.fixture(scope="session", params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture(scope="session", params=INVENTORIES)
def inventory(request):
    return INVENTORIES[request.param]


@pytest.fixture(scope="session")
def loaded(version, inventory, tmp_path_factory):
    """The engine with the configuration of the role for the inventory."""
    directory = tmp_path_factory.mktemp("loaded")
    write(render(inventory, version), directory)
    engine = Engine(version, directory)
    yield engine
    engine.close()


@pytest.fixture
def start(version, tmp_path):
    """Starts the engine with fragments of its own: text by path below the configuration directory."""
    engines = []

    def start_with(fragments):
        directory = tmp_path / str(len(engines))
        directory.mkdir()
        for name, text in fragments.items():
            (directory / name).parent.mkdir(exist_ok=True)
            (directory / name).write_text(f"<clickhouse>{text}</clickhouse>\n")
        engines.append(Engine(version, directory))
        return engines[-1]

    yield start_with
    for engine in engines:
        engine.close()
