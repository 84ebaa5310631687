# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Makes the checkout importable as the collection that it is."""

import importlib
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from kazoo.client import KazooClient

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent / "shared"
COLLECTIONS = HERE.parents[1] / ".ansible" / "collections"

if not (COLLECTIONS / "ansible_collections" / "zoohouse" / "cluster" / "galaxy.yml").is_file():
    pytest.exit("The checkout is not linked as a collection: run `make setup`.", returncode=2)
for place in (COLLECTIONS, SHARED, HERE):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))
zookeeper_server = importlib.import_module("zookeeper_server")

# The same examples in every run, and nothing that depends on how fast the machine is.
settings.register_profile("unit", derandomize=True, database=None, deadline=None, max_examples=50)
settings.load_profile("unit")


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory):
    """A real ZooKeeper on the loopback."""
    with zookeeper_server.zookeeper(tmp_path_factory.mktemp("zookeeper")) as server:
        yield server


@pytest.fixture
def client(ensemble):
    """A client that looks at the registry; each test begins with an empty one."""
    client = KazooClient(hosts=ensemble.endpoint)
    client.start()
    client.delete("/zoohouse", recursive=True)
    yield client
    client.stop()
    client.close()
