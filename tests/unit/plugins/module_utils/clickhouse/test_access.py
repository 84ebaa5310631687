# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Who may log in, and from where."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.access import validate_access

USERS = {"clickhouse_admin_user": "admin", "clickhouse_cluster_user": "cluster"}
PASSWORDS = {"clickhouse_admin_password": "open", "clickhouse_cluster_password": "sesame"}


def errors(users=None, passwords=None, networks=("::/0",)):
    found = list(validate_access("ch1", {**USERS, **(users or {})}, {**PASSWORDS, **(passwords or {})}, networks))
    assert all(error.subject == "ch1" and error.expected for error in found)
    return [(error.check, error.found) for error in found]


def test_valid_access():
    assert errors() == []


def test_an_empty_password():
    assert errors(passwords={"clickhouse_admin_password": ""}) == [("clickhouse_admin_password", "an empty password")]


def test_a_password_that_the_configuration_cannot_contain():
    variable = "clickhouse_cluster_password"
    assert errors(passwords={variable: "se\x08same"}) == [(variable, "the character U+0008 in the password")]


@pytest.mark.parametrize("name", ["the.admin", "1st", "default", "a b", "admin\n"])
def test_a_name_that_the_configuration_cannot_contain(name):
    assert errors({"clickhouse_admin_user": name}) == [("clickhouse_admin_user", name)]


def test_an_empty_name():
    assert errors({"clickhouse_admin_user": ""}) == [("clickhouse_admin_user", "nothing")]


def test_one_name_for_both_users():
    assert [error[0] for error in errors({"clickhouse_admin_user": "cluster"})] == list(USERS)


def test_text_that_is_no_network():
    assert errors(networks=["10.0.0.0/8", "10.0.0.0/33", 10]) == [
        ("clickhouse_admin_networks", "10.0.0.0/33"),
        ("clickhouse_admin_networks", "10"),
    ]
