# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The settings of the agent."""

import json

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.settings import SettingsError, parse_settings

SETTINGS = {
    "cluster": "main",
    "shard": "01",
    "replica": "ch1",
    "host": "ch1",
    "addresses": ["10.0.0.21"],
    "ports": {"http": 8123, "tcp": 9000, "interserver": 9009, "check": 9180},
    "zookeeper": ["zk1:2181"],
    "login_user": "cluster",
    "login_password": "secret",
}


def parsed(**changes):
    return parse_settings(json.dumps({**SETTINGS, **changes}))


def test_settings_and_their_defaults():
    settings = parsed(weight=50)
    assert (settings.shard, settings.weight, settings.rise) == ("01", 50, 3)
    assert settings.path == "/zoohouse/main/01/ch1"
    assert settings.entry("lagging", "18.16.1", "d.hits").path == "/main/01/ch1"


def test_the_root_may_be_another_one():
    assert parsed(root="/").path == "/main/01/ch1"
    assert parsed(root="/sites/a/").path == "/sites/a/main/01/ch1"


def test_the_password_is_not_shown():
    assert "secret" not in repr(parsed())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": 1}, "colour: unknown"),
        ({"weight": "100"}, "weight: expected type int"),
        ({"weight": True}, "weight: expected type int"),
        ({"weight": 0}, "weight: found 0, expected 1 to 256"),
        ({"interval": 0}, "interval: found 0, expected more than 0"),
        ({"shard": "a/b"}, "shard: found 'a/b'"),
        ({"cluster": "locks"}, "cluster: found locks, which is reserved"),
        ({"cluster": "config"}, "cluster: found config, which is reserved"),
        ({"cluster": "restarts"}, "cluster: found restarts, which is reserved"),
        ({"ports": {"http": 8123}}, "ports: tcp: found None"),
        ({"addresses": []}, "addresses: expected"),
        ({"zookeeper": [1]}, "zookeeper: expected"),
    ],
)
def test_a_setting_that_is_not_valid(changes, message):
    with pytest.raises(SettingsError, match=message):
        parsed(**changes)


@pytest.mark.parametrize(("text", "message"), [("{", "not JSON"), ("[]", "no JSON object"), ("{}", "cluster: missing")])
def test_a_file_that_is_not_valid(text, message):
    with pytest.raises(SettingsError, match=message):
        parse_settings(text)
