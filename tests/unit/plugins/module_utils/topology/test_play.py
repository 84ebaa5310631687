# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What the roles need of the play that uses them."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.play import validate_become, validate_play


def found(*args):
    return [(error.check, error.found) for error in validate_play("deploy", *args)]


@pytest.mark.parametrize("batch", [0, -1, 3, 5])
def test_a_linear_play_over_all_hosts_at_once_is_valid(batch):
    assert found("linear", True, batch, 3) == []


def test_another_strategy_is_invalid_because_hosts_would_restart_together():
    (error,) = validate_play("deploy", "free", False, 0, 3)
    assert (error.check, error.subject, error.found, error.expected) == ("strategy", "play deploy", "free", "linear")
    assert "hosts restart at the same time" in error.hint and "strategy: ansible.builtin.linear" in error.hint


def test_batches_are_invalid_because_members_that_start_need_each_other():
    assert found("linear", True, 1, 3) == [("serial", "batches of 1 of 3 hosts")]


def test_a_user_without_the_rights_of_root_is_invalid_and_the_message_says_how_to_get_them():
    results = {"zk1": {"user": "deploy", "root": False}, "zk2": {"user": "root", "root": True}, "zk3": None, "zk4": {}}
    (error,) = validate_become(results)
    assert (error.subject, error.found, error.expected) == ("zk1", "the user deploy", "root")
    assert "-b (--become)" in error.hint and "ansible_become: true" in error.hint
