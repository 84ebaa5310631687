# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Role variables as the types of the argument specs. Ansible validates them with these types, but converts nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.common.validation import (
    check_type_bool,
    check_type_dict,
    check_type_float,
    check_type_int,
    check_type_list,
    check_type_str,
)

# Paths are not expanded here: they belong to the host.
TYPES: dict[str, Callable[[Any], Any]] = {
    "bool": check_type_bool,
    "dict": check_type_dict,
    "float": check_type_float,
    "int": check_type_int,
    "list": check_type_list,
    "path": check_type_str,
    "raw": lambda value: value,
    "str": check_type_str,
}
EMPTY: dict[str, Callable[[], Any]] = {"dict": dict, "list": list, "path": str, "str": str}


def convert(value: Any, option: Mapping[str, Any]) -> Any:
    """The value as the type of an option of an argument spec; ValueError when that is impossible.

    Nothing (null) is an empty text, list or dict.
    """
    name = option.get("type", "str")
    try:
        if value is None:
            return EMPTY[name]() if name in EMPTY else value
        converted = TYPES[name](value)
        if name == "list":
            return [convert(item, {"type": option.get("elements", "str")}) for item in converted]
    except (TypeError, ValueError) as error:
        raise ValueError(f"{value!r} is not of type {name}") from error
    return converted
