# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Makes the checkout importable as the collection, with its filters, and starts one engine at a time."""

import itertools
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
from rendering import render, write  # noqa: E402

from inventories import INVENTORIES  # noqa: E402


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


def starting(directory):
    """A function that starts an engine, and the engines that it has started.

    The function takes the version, fragments by path below the configuration directory, and their root.
    """
    engines, numbers = [], itertools.count()

    def start_with(version, fragments, root="clickhouse"):
        place = directory / str(next(numbers))
        place.mkdir()
        for name, text in fragments.items():
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_text(f"<{root}>{text}</{root}>\n")
        engines.append(Engine(version, place))
        return engines[-1]

    return start_with, engines


@pytest.fixture
def start(tmp_path):
    """Starts engines for one test."""
    function, engines = starting(tmp_path)
    yield function
    for engine in engines:
        engine.close()


@pytest.fixture(scope="session")
def started(version, tmp_path_factory):
    """Starts engines for all tests of a version."""
    function, engines = starting(tmp_path_factory.mktemp(version))
    yield function
    for engine in engines:
        engine.close()
