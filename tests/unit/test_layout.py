# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Unit tests mirror plugins/: the tests of plugins/X/Y.py are in tests/unit/plugins/X/test_Y.py."""

import pytest
from helpers import CHECKOUT

TESTS = CHECKOUT / "tests" / "unit" / "plugins"
PLUGINS = CHECKOUT / "plugins"


@pytest.mark.parametrize("kind", ["action", "filter", "modules"])
def test_every_plugin_has_its_test_file(kind):
    plugins = {path.stem for path in (PLUGINS / kind).glob("[a-z]*.py")}
    assert plugins
    assert plugins - {path.stem.removeprefix("test_") for path in (TESTS / kind).glob("test_*.py")} == set()


def test_every_test_file_belongs_to_a_plugin():
    tests = {path.relative_to(TESTS).with_name(path.name.removeprefix("test_")) for path in TESTS.rglob("test_*.py")}
    assert tests
    assert tests - {path.relative_to(PLUGINS) for path in PLUGINS.rglob("*.py")} == set()
