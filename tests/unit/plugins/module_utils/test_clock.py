# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Clocks that are apart, and how much of it the connection may explain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clock import compare_hosts, compare_with_host

SECONDS = st.floats(0, 100)


@given(st.floats(-1000, 1000), SECONDS, SECONDS, SECONDS)
def test_the_true_offset_is_within_the_error(true_offset, there, module, back):
    """However long each way takes; the time of the module is no error."""
    sent = 5000.0
    started = sent + there + true_offset
    ended = started + module
    result = compare_with_host(sent, started, ended, sent + there + module + back)
    assert abs(result["clock_offset"] - true_offset) <= result["clock_uncertainty"] + 0.002
    assert result["clock_uncertainty"] == pytest.approx((there + back) / 2, abs=0.001)


def test_only_what_no_error_explains_counts():
    median, distances = compare_hosts({"a": (0.0, 0.1), "b": (0.1, 0.1), "c": (1.0, 0.2), "d": (-2.0, 0.5)})
    assert median == "a"
    assert distances == pytest.approx({"a": 0.0, "b": 0.0, "c": 0.7, "d": -1.4})
