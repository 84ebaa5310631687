# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Values of role variables become what the argument specs promise."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.role_options import convert


@pytest.mark.parametrize(
    ("value", "option", "expected"),
    [
        ("10.0.0.0/8", {"type": "list", "elements": "str"}, ["10.0.0.0/8"]),
        ("10.0.0.0/8,::1", {"type": "list"}, ["10.0.0.0/8", "::1"]),
        ([1, "02"], {"type": "list"}, ["1", "02"]),
        (1, {"type": "list"}, ["1"]),
        (None, {"type": "list"}, []),
        ("vm.swappiness=1", {"type": "dict"}, {"vm.swappiness": "1"}),
        (None, {"type": "dict"}, {}),
        (12345, {"type": "str"}, "12345"),
        (None, {}, ""),
        ("yes", {"type": "bool"}, True),
        ("0", {"type": "bool"}, False),
        ("2181", {"type": "int"}, 2181),
        ("0.5", {"type": "float"}, 0.5),
        ("~/data", {"type": "path"}, "~/data"),
        (None, {"type": "int"}, None),
    ],
)
def test_values_are_converted_as_options_of_modules_are(value, option, expected):
    assert convert(value, option) == expected


@pytest.mark.parametrize(
    ("value", "name"), [("perhaps", "bool"), ({"a": 1}, "list"), ("text", "dict"), ("ten", "int"), ("ten", "float")]
)
def test_a_value_of_another_type_is_an_error_that_names_both(value, name):
    with pytest.raises(ValueError, match=f"is not of type {name}"):
        convert(value, {"type": name})
