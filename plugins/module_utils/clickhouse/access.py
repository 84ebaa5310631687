# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Validates who may log in, and from where. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ..findings import Finding, validation_error
from .networks import network_pattern
from .xml import FORBIDDEN

# The name of a user becomes the name of an XML element.
USER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def validate_access(
    host: str, users: Mapping[str, str], passwords: Mapping[str, str], networks: Sequence[str]
) -> Iterator[Finding]:
    """users, passwords: values by variable. networks: clickhouse_admin_networks."""
    for variable, password in passwords.items():
        character = FORBIDDEN.search(password)
        if not password:
            yield validation_error(variable, host, "an empty password", "one of at least one character")
        elif character:
            found = f"the character U+{ord(character[0]):04X} in the password"
            yield validation_error(variable, host, found, "characters that XML can contain")
    for variable, user in users.items():
        others = [other for name, other in users.items() if name != variable]
        if not USER.fullmatch(user) or user == "default" or user in others:
            expected = "a name of letters, digits, '_' and '-' that is neither default nor the name of the other user"
            yield validation_error(variable, host, user, expected)
    for network in networks:
        if not network_pattern(str(network)):
            expected = "an address or a network such as 10.0.0.0/8"
            yield validation_error("clickhouse_admin_networks", host, network, expected)
