# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The checkout as the collection, the made reports of the unit tests, and one browser for all tests."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
for place in (HERE, CHECKOUT / ".ansible" / "collections", HERE.parent / "unit"):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    from chromium import Chromium

    result = Chromium(tmp_path_factory.mktemp("profile"))
    yield result
    result.close()


@pytest.fixture(scope="session")
def pictures():
    """Where screenshots are kept."""
    result = CHECKOUT / ".cache" / "test" / "browser"
    result.mkdir(parents=True, exist_ok=True)
    return result
