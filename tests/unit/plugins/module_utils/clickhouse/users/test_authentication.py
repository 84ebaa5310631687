# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""How users prove who they are."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users.authentication import (
    elements,
    features,
    hash_password,
    is_open,
    problems,
)

OLD, NEW = "18.16.1", "26.9.1"
SECRET = "open sesame"


def test_hashes_of_a_password():
    """Those that the comments of ClickHouse's users.xml and the manual of MySQL show."""
    assert hash_password("qwerty", "sha256") == "65e84be33532fb784c48129675f9eff3a682b27168c0ea744b2cf58ee02337c5"
    assert hash_password("mypass", "double_sha1") == "6c8989366eaf75bb670ad8ea7a7fc1176a95cef4"


def test_the_same_password_has_the_same_hash():
    assert elements({"password": SECRET}, OLD) == elements({"password": SECRET}, NEW)


@pytest.mark.parametrize(
    ("user", "version", "expected"),
    [
        ({"password": "qwerty"}, OLD, {"password_sha256_hex": hash_password("qwerty", "sha256")}),
        (
            {"password": "mypass", "password_type": "double_sha1"},
            NEW,
            {"password_double_sha1_hex": "6c8989366eaf75bb670ad8ea7a7fc1176a95cef4"},
        ),
        ({"password_sha256_hex": "AB" * 32}, NEW, {"password_sha256_hex": "ab" * 32}),
        ({"no_password": True}, OLD, {"password": None}),
        ({"no_password": True}, NEW, {"no_password": None}),
        ({"ldap": {"server": "x"}}, NEW, {"ldap": {"server": "x"}}),
        ({"kerberos": {}}, NEW, {"kerberos": None}),
        ({"kerberos": {"realm": "R"}}, NEW, {"kerberos": {"realm": "R"}}),
        ({"auth_methods": [{"kerberos": {}}]}, NEW, {"kerberos": None}),
        (
            {"auth_methods": [{"kerberos": {}}, {"ldap": {"server": "x"}}]},
            NEW,
            {"auth_methods": {"method1": {"kerberos": None}, "method2": {"ldap": {"server": "x"}}}},
        ),
    ],
)
def test_elements(user, version, expected):
    assert elements(user, version) == expected
    assert list(problems("u", user)) == []


@pytest.mark.parametrize(
    ("user", "found"),
    [
        ({}, "u: no way to log in"),
        ({"password": SECRET, "no_password": True}, "u: password and no_password"),
        ({"password": ""}, "u: an empty password, or one that is not a text"),
        ({"password": 1234}, "u: an empty password, or one that is not a text"),
        ({"password": SECRET, "password_type": "md5"}, "u: password_type: md5"),
        ({"no_password": True, "password_type": "sha256"}, "u: password_type without password"),
        ({"no_password": False}, "u: no_password: False"),
        ({"password_sha256_hex": SECRET}, "u: password_sha256_hex of another form"),
        ({"password_double_sha1_hex": "0" * 64}, "u: password_double_sha1_hex of another form"),
        ({"ldap": "x"}, "u: ldap: x"),
        ({"kerberos": {"realms": "R"}}, "u: kerberos: {'realms': 'R'}"),
        ({"ssl_certificates": {}}, "u: ssl_certificates: {}"),
        ({"ssl_certificates": {"common_names": ["a"]}}, "u: ssl_certificates: unknown key common_names"),
        ({"ssl_certificates": {"common_name": "a"}}, "u: ssl_certificates: common_name: a"),
        ({"auth_methods": []}, "u: auth_methods that is not a list of dicts"),
        ({"auth_methods": [{"pasword": SECRET, "kerberos": {}}]}, "u: auth_methods 1: unknown key pasword"),
        ({"auth_methods": [{"kerberos": {}}], "password": SECRET}, "u: auth_methods beside password"),
        ({"auth_methods": [{"kerberos": {}}, {"no_password": True}]}, "u: no_password beside another method"),
    ],
)
def test_problems_show_no_secrets(user, found):
    texts = list(problems("u", user))
    assert [text for text, _expected in texts] == [found]
    assert SECRET not in str(texts)


def test_features_and_open_users():
    user = {"auth_methods": [{"password": "a", "password_type": "double_sha1"}, {"ldap": {"server": "x"}}]}
    assert {feature for _where, feature in features("u", user) if feature} == {
        "users_several_methods",
        "users_double_sha1",
        "users_ldap",
    }
    assert not is_open(user) and is_open({"no_password": True})
