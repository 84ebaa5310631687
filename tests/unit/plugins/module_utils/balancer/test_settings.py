# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0

import json

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.balancer.settings import SettingsError, parse_settings

BACKEND = {"name": "any_http", "shard": "", "port": "http", "options": "check", "hosts": ["ch1"]}
VALID = {"cluster": "main", "zookeeper": ["zk1:2181"], "backends": [BACKEND], "socket": "/s", "state_file": "/f"}


def test_the_path_of_the_registry():
    assert parse_settings(json.dumps(VALID)).path == "/zoohouse/main"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "found no JSON object"),
        (json.dumps({**VALID, "hld": 1}), "hld: unknown setting"),
        (json.dumps({**VALID, "hold": "long"}), "hold: expected type float"),
        (json.dumps({**VALID, "backends": [{}]}), "backends: name: missing"),
        (json.dumps({**VALID, "backends": [1]}), "backends: name: missing"),
        ("{}", "cluster: missing"),
    ],
)
def test_settings_that_are_not_valid(text, message):
    with pytest.raises(SettingsError, match=message):
        parse_settings(text)
