# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The filters of the role discovery."""

from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.filter.discovery import discovery_settings

VARIABLES = {
    "login_user": "cluster",
    "login_password": "secret",
    "weight": 0,
    "check_address": "0.0.0.0",
    "check_port": 9180,
    "agent": {},
}


def test_settings_and_errors_as_plain_data():
    result = discovery_settings(model_of(inventory()), "ch1", VARIABLES)
    assert result["settings"]["replica"] == "ch1"
    assert [error["check"] for error in result["errors"]] == ["discovery_weight"]
