# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which replicas restart at the same time."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.batches import restart_batches

# Two shards of two, as an inventory writes them, and one shard of one.
REPLICAS = [{"host": f"ch{n}", "shard": shard} for n, shard in enumerate(["01", "01", "02", "02", "03"], 1)]


@pytest.mark.parametrize(
    ("parallel", "batches"),
    [
        (1, [["ch1"], ["ch2"], ["ch3"], ["ch4"], ["ch5"]]),
        (2, [["ch1"], ["ch2", "ch3"], ["ch4", "ch5"]]),
        (3, [["ch1"], ["ch2", "ch3", "ch5"], ["ch4"]]),
        (9, [["ch1"], ["ch2", "ch3", "ch5"], ["ch4"]]),
    ],
)
def test_the_first_one_alone_and_then_one_of_each_shard(parallel, batches):
    assert restart_batches(REPLICAS, parallel) == batches


def test_without_replicas_there_is_nothing():
    assert restart_batches([], 2) == []


@given(st.lists(st.sampled_from("abcd"), max_size=12), st.integers(1, 5))
def test_every_replica_once_and_never_two_of_one_shard(shards, parallel):
    shard_of = {f"ch{number}": shard for number, shard in enumerate(shards)}
    batches = restart_batches([{"host": host, "shard": shard} for host, shard in shard_of.items()], parallel)
    assert sorted(chain.from_iterable(batches)) == sorted(shard_of)
    for batch in batches:
        assert 0 < len(batch) <= parallel and len({shard_of[host] for host in batch}) == len(batch)
    assert not batches or len(batches[0]) == 1
    if parallel == 1:
        assert list(chain.from_iterable(batches)) == list(shard_of)
