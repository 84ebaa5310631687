# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The filter that converts role variables."""

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.zoohouse.cluster.plugins.filter.role_options import as_type


def test_a_text_with_commas_is_a_list():
    assert as_type("10.0.0.0/8,::1", "list") == ["10.0.0.0/8", "::1"]


def test_elements_of_a_list():
    assert as_type([1, {"name": "a"}], "list", elements="raw") == [1, {"name": "a"}]
    assert as_type([1], "list") == ["1"]


def test_a_value_of_another_type_is_an_error():
    with pytest.raises(AnsibleFilterError, match="is not of type dict"):
        as_type("text", "dict")
