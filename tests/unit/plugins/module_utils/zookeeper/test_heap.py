# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The size of a heap."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.heap import heap_mb


@pytest.mark.parametrize(
    ("memory", "expected"),
    [(4096, 3072), (4095, 2816), (4200, 3072), (512, 512), (0, 512), (10922, 7936), (24000, 8192)],
)
def test_a_heap_is_a_fraction_of_the_memory_in_steps_between_the_limits(memory, expected):
    assert heap_mb(memory, 0.75, 512, 8192) == expected
