# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Makes the checkout importable as the collection that it is."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

HERE = Path(__file__).resolve().parent
COLLECTIONS = HERE.parents[1] / ".ansible" / "collections"

if not (COLLECTIONS / "ansible_collections" / "zoohouse" / "cluster" / "galaxy.yml").is_file():
    pytest.exit("The checkout is not linked as a collection: run `make setup`.", returncode=2)
for place in (COLLECTIONS, HERE):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))

# The same examples in every run, and nothing that depends on how fast the machine is.
settings.register_profile("unit", derandomize=True, database=None, deadline=None, max_examples=50)
settings.load_profile("unit")
