# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Makes the checkout importable as the collection, with its filters, and starts the engines."""

import importlib
import itertools
import sys
from pathlib import Path

import pytest
from ansible.plugins.loader import init_plugin_loader

HERE = Path(__file__).resolve().parent
COLLECTIONS = HERE.parents[1] / ".ansible" / "collections"
for place in (HERE, HERE.parent / "shared", COLLECTIONS):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))
# Before anything of the collection is imported: the templates need its filters.
init_plugin_loader([str(COLLECTIONS)])
engines, inventories, rendering = (importlib.import_module(name) for name in ("engines", "inventories", "rendering"))
ensembles = importlib.import_module("ensemble")


def pytest_addoption(parser):
    parser.addoption("--lane", default="1/1", help="the part of the tests that this run has, such as 1/2")


def pytest_collection_modifyitems(config, items):
    """All tests of a version are in one lane, because they share engines; tests without one are in the first lane."""
    lane, lanes = (int(number) for number in config.getoption("lane").split("/"))
    versions = [item.callspec.params.get("version") if hasattr(item, "callspec") else None for item in items]
    numbers = [
        engines.VERSIONS.index(version) % lanes + 1 if version in engines.VERSIONS else 1 for version in versions
    ]
    config.hook.pytest_deselected(items=[item for item, number in zip(items, numbers, strict=True) if number != lane])
    items[:] = [item for item, number in zip(items, numbers, strict=True) if number == lane]


@pytest.fixture(scope="session", params=engines.VERSIONS)
def version(request):
    return request.param


@pytest.fixture(scope="session", params=inventories.INVENTORIES)
def inventory(request):
    return {**inventories.INVENTORIES, **inventories.OTHERS}[request.param]


@pytest.fixture(scope="session")
def loaded(version, inventory, tmp_path_factory):
    """The engine with the configuration of the role for the inventory."""
    directory = tmp_path_factory.mktemp("loaded")
    rendering.write(rendering.render(inventory, version), directory)
    engine = engines.Engine(version, directory)
    yield engine
    engine.close()


def starting(directory):
    """A function that starts an engine, and the engines that it has started.

    The function takes the version, fragments by path below the configuration directory, and their root.
    """
    running, numbers = [], itertools.count()

    def start_with(version, fragments, root="clickhouse"):
        place = directory / str(next(numbers))
        place.mkdir()
        for name, text in fragments.items():
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_text(f"<{root}>{text}</{root}>\n")
        running.append(engines.Engine(version, place))
        return running[-1]

    return start_with, running


@pytest.fixture
def start(tmp_path):
    """Starts engines for one test."""
    function, running = starting(tmp_path)
    yield function
    for engine in running:
        engine.close()


@pytest.fixture(scope="session")
def started(version, tmp_path_factory):
    """Starts engines for all tests of a version."""
    function, running = starting(tmp_path_factory.mktemp(version))
    yield function
    for engine in running:
        engine.close()


@pytest.fixture(scope="session")
def plain(version, started):
    """An engine that knows an ensemble and stores nothing in it."""
    root = "<macros><root>clickhouse</root></macros>"
    return started(version, {"config.d/a.xml": engines.ZOOKEEPER + engines.DISCOVERY + root})


@pytest.fixture(scope="session")
def ensemble(tmp_path_factory):
    """A real ZooKeeper for all tests."""
    running = ensembles.Ensemble(tmp_path_factory.mktemp("ensemble"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def stored(version, ensemble, tmp_path_factory):
    """An engine that keeps in the ensemble what it can, and its chroot."""
    root = f"/contract/{version}"
    for path in (root, f"{root}-archive"):
        ensemble.client.create(path, makepath=True)
    directory = tmp_path_factory.mktemp(f"stored-{version}")
    inventory = inventories.metadata(ensemble.port, root, version)
    rendering.write(rendering.render(inventory, version), directory)
    engine = engines.Engine(version, directory)
    yield engine, root
    # With replicated tables the library does not end by itself.
    engine.kill()
