# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Profiles: settings, constraints, parents."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users.profiles import (
    changeable,
    circles,
    elements,
    features,
    problems,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.xml import to_xml


def test_parents_come_before_the_settings_that_win():
    profile = {
        "constraints": {"max_threads": {"min": 1, "readonly": True, "changeable_in_readonly": False}},
        "settings": {"max_threads": 4, "prefer_localhost_replica": False},
        "profile": ["a", "b"],
    }
    lines = to_xml("clickhouse", elements({"p": profile})).split()
    assert "".join(lines) == (
        "<clickhouse><profiles><p><profile>a</profile><profile>b</profile><max_threads>4</max_threads>"
        "<prefer_localhost_replica>0</prefer_localhost_replica>"
        "<constraints><max_threads><min>1</min><readonly/></max_threads></constraints></p></profiles></clickhouse>"
    )


@pytest.mark.parametrize(
    ("profile", "found", "expected"),
    [
        ({"setings": {}}, "p: unknown key setings", "settings, which is similar"),
        ({"settings": [1]}, "p: settings: [1]", "a dict"),
        ({"settings": {"max threads": 1}}, "p: max threads", "the name of a setting, as in system.settings"),
        ({"settings": {"profile": "a"}}, "p: profile", "the name of a setting, as in system.settings"),
        ({"settings": {"max_threads": [1]}}, "p: max_threads: [1]", "a text, a number, true or false"),
        (
            {"settings": {"load_balancing": "fastest"}},
            "p: load_balancing: fastest",
            "one of random, nearest_hostname, in_order, first_or_random, round_robin, hostname_levenshtein_distance",
        ),
        (
            {"settings": {"prefer_localhost_replicas": 1}},
            "p: unknown setting prefer_localhost_replicas",
            "prefer_localhost_replica, which is similar",
        ),
        ({"settings": {"prefer_localhost_replica": "maybe"}}, "p: prefer_localhost_replica: maybe", "true or false"),
        ({"profile": "a b"}, "p: profile: a b", None),
        ({"constraints": {"max_threads": {}}}, "p: constraints: max_threads: nothing", None),
        (
            {"constraints": {"max_threads": {"maximum": 1}}},
            "p: constraints: max_threads: unknown key maximum",
            "max, which is similar",
        ),
        (
            {"constraints": {"max_threads": {"readonly": True, "changeable_in_readonly": True}}},
            "p: constraints: max_threads: readonly and changeable_in_readonly",
            "one of them",
        ),
        (
            {"constraints": {"max_threads": {"min": 9, "max": 8}}},
            "p: constraints: max_threads: min 9 above max 8",
            "min not above max",
        ),
        ({"constraints": {"max_threads": {"readonly": 1}}}, "p: constraints: max_threads: readonly: 1", None),
    ],
)
def test_problems(profile, found, expected):
    ((text, wanted),) = problems("p", profile)
    assert text == found
    assert expected in (wanted, None)


def test_names_that_resemble_one_another_are_right():
    settings = {"max_memory_usage": 1, "max_memory_usage_for_user": 2, "load_balancing_first_offset": 1}
    distributed = {"fallback_to_stale_replicas_for_distributed_queries": 0, "prefer_localhost_replica": True}
    assert list(problems("p", {"settings": {**settings, **distributed}, "profile": "default"})) == []


def test_the_profile_of_the_roles_own_users_stays_writable():
    assert len(list(problems("default", {"settings": {"readonly": 1}}))) == 1
    assert list(problems("default", {"settings": {"readonly": 0}})) == []
    assert list(problems("other", {"settings": {"readonly": 1}})) == []


@pytest.mark.parametrize(
    ("parents", "expected"),
    [
        ({"a": "b", "b": "default"}, []),
        ({"a": "a"}, [["a", "a"]]),
        ({"a": "b", "b": "c", "c": "b"}, [["b", "c", "b"]]),
        ({"a": ["b", "c"], "b": "d", "c": "d", "d": []}, []),
    ],
)
def test_circles(parents, expected):
    assert list(circles({name: {"profile": parent} for name, parent in parents.items()})) == expected


def test_features():
    profile = {
        "profile": ["a", "b"],
        "settings": {"load_balancing": "round_robin"},
        "constraints": {"max_threads": {"changeable_in_readonly": True}},
    }
    assert [feature for _where, feature in features("p", profile)] == [
        "profiles_several_parents",
        "profiles_round_robin",
        "profiles_constraints",
        "profiles_changeable_in_readonly",
    ]
    assert list(changeable({"p": profile, "q": {}})) == ["p"]
