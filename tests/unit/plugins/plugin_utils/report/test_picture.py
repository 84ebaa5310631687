# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The picture of the topology."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import MEMBERS, REPLICAS, SITUATIONS, finding, hostvars, member_row, report, situation

from ansible_collections.zoohouse.cluster.plugins.module_utils.report.collect import ENSEMBLE
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.report.picture import (
    BOX_HEIGHT,
    BOX_WIDTH,
    NAME_LENGTH,
    draw,
    shorten,
)


def overlap(first, second):
    return abs(first.x - second.x) < BOX_WIDTH and abs(first.y - second.y) < BOX_HEIGHT


def check(picture):
    boxes = [box for frame in picture.frames for box in frame.boxes]
    for frame in picture.frames:
        assert frame.x >= 0 and frame.x + frame.width <= picture.width
        assert frame.y >= 0 and frame.y + frame.height <= picture.height
        for box in frame.boxes:
            assert frame.x <= box.x and box.x + BOX_WIDTH <= frame.x + frame.width
            assert frame.y < box.y and box.y + BOX_HEIGHT < frame.y + frame.height
    assert not any(overlap(first, second) for n, first in enumerate(boxes) for second in boxes[:n])
    return boxes


@pytest.mark.parametrize("width", [356, 1040])
@pytest.mark.parametrize("name", SITUATIONS)
def test_every_host_is_drawn_once_inside_its_frame(name, width):
    boxes = check(draw(report(name), width))
    assert [box.name for box in boxes] == MEMBERS + REPLICAS


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(0, 9), st.sampled_from([356, 1040]))
def test_any_size_fits(shards, members, width):
    result = report("healthy")
    row, shard = result["ensemble"]["members"][0], result["cluster"]["shards"][0]
    result["ensemble"]["members"] = [row] * members
    result["cluster"]["shards"] = [{**shard, "replicas": shard["replicas"][:1] * size} for size in shards]
    assert len(check(draw(result, width))) == members + sum(shards)


def test_the_leader_is_marked_and_lag_is_text():
    boxes = {box.name: box for box in check(draw(report("leader_lost"), 1040))}
    assert [name for name, box in boxes.items() if box.leads] == ["zk3"]
    assert boxes["zk2"].lines == ("mode unknown", "latency unknown") and boxes["zk2"].severity == "critical"
    assert boxes["ch4"].lines == ("lag 3 s", "queue 4")


@pytest.mark.parametrize(("modes", "found"), [((None, None, None), "none"), (("leader", None, "leader"), "zk1, zk3")])
def test_no_leader_and_several_leaders_are_named(modes, found):
    changed = hostvars("healthy")
    for host in MEMBERS:
        changed[host][ENSEMBLE] = {
            "findings": [finding("one_leader", "critical", "ensemble", found, "exactly one leader")],
            "members": [member_row(member, mode) for member, mode in zip(MEMBERS, modes)],
            "leader": None,
        }
    picture = draw(situation(changed), 1040)
    assert picture.frames[0].title == f"Ensemble \u00b7 leader {found}"
    assert [box.leads for box in picture.frames[0].boxes] == [mode == "leader" for mode in modes]
    assert draw(report("down"), 1040).frames[0].title == "Ensemble \u00b7 leader unknown"


def test_without_sessions_the_link_says_unknown():
    assert draw(report("down"), 1040).link_text == "sessions unknown"
    assert draw(report("healthy"), 1040).link_text == "4 of 4 replicas have a session"


def test_a_part_that_was_left_out_is_drawn_as_unknown():
    boxes = check(draw(situation(hostvars("healthy"), ["ensemble"]), 1040))
    assert {box.severity for box in boxes if box.name in REPLICAS} == {"unknown"}


def test_long_names_are_shortened():
    assert shorten("x" * NAME_LENGTH) == "x" * NAME_LENGTH
    assert len(shorten("x" * 100)) == NAME_LENGTH
