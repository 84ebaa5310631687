# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What replicas use among themselves."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.cluster_settings import (
    validate_cluster_settings,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.server_settings import (
    build_fragments,
    elements_of,
    validate_settings,
)

SHARDS = ["01", "02"]


def errors(version="25.8.1", **variables):
    named = {f"clickhouse_{name}": value for name, value in variables.items()}
    found = validate_cluster_settings("ch1", version, named, SHARDS)
    return [(error.check.removeprefix("clickhouse_"), error.found, error.expected) for error in found]


def test_nothing_is_set():
    assert errors() == errors("18.16.1", shard_weights={}, listen_hosts=[], cluster_secret="") == []


def test_valid_settings():
    assert (
        errors(
            shard_weights={"01": 2, "02": "1"},
            listen_hosts=["::", "10.0.0.9"],
            cluster_secret="s",
            interserver_user="u",
            interserver_password="p",
        )
        == []
    )


@pytest.mark.parametrize("weight", [0, -1, "heavy", 1.5, True, None])
def test_a_weight_that_is_none(weight):
    expected = "a whole number of at least 1 and at most 2147483647"
    assert errors(shard_weights={"02": weight}) == [("shard_weights", f"02: {weight}", expected)]


def test_a_weight_of_an_unknown_shard():
    assert errors(shard_weights={"03": 1, 1: 1}) == [
        ("shard_weights", "the shard 03", "one of 01, 02"),
        ("shard_weights", "the shard 1, which is a number; put it in quotes", "one of 01, 02"),
    ]


def test_a_secret_that_the_version_lacks_is_not_shown():
    found = "a secret, which needs ClickHouse 20.10 or later; this is 18.16.1"
    assert errors("18.16.1", cluster_secret="hidden") == [("cluster_secret", found, "")]


@pytest.mark.parametrize("name", ["cluster_secret", "interserver_password"])
def test_a_secret_with_a_character_that_xml_cannot_contain(name):
    found = errors(
        **{name: "hid\x01den", "interserver_user": "u", "interserver_password": "p\x01"} | {name: "hid\x01den"}
    )
    assert (name, "a character that XML cannot contain", "text without control characters") in found
    assert "hid" not in str(found)


def test_half_of_a_login():
    assert errors(interserver_user="u")[0][:2] == ("interserver_password", "nothing")
    assert errors(interserver_password="p")[0][:2] == ("interserver_user", "nothing")


def test_an_empty_address():
    assert errors(listen_hosts=["", "::"]) == [("listen_hosts", "an empty address", "an address of the host, or ::")]


def test_the_login_for_fetches_is_a_fragment_of_its_own():
    variables = {"clickhouse_interserver_user": "u", "clickhouse_interserver_password": "p"}
    assert build_fragments(variables, "18.16.1")["interserver_credentials"] == {
        "interserver_http_credentials": {"user": "u", "password": "p"}
    }
    assert elements_of(variables)["interserver_http_credentials/password"] == "clickhouse_interserver_password"
    wrong = {**variables, "clickhouse_shard_weights": {"09": 1}}
    assert [error.check for error in validate_settings("ch1", "18.16.1", wrong, SHARDS)] == ["clickhouse_shard_weights"]
