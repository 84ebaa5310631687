# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Names of elements of config.xml that are probably mistakes. Pure.

No version has a list of all elements: sections that tables name, such as graphite_rollup, may have any name, and
servers ignore what they do not know. So only a name that resembles a known one very much is a mistake.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from .features import RELEASES, is_version, parse_version
from .settings import SECTIONS
from .system_logs import LOGS

# Elements that a variable sets, and sections that people extend.
KNOWN = (
    *dict.fromkeys(
        (section or table[key].path or key).partition("/")[0] for section, table in SECTIONS.values() for key in table
    ),
    *LOGS,
    "auxiliary_zookeepers",
    "backups",
    "compression",
    "custom_settings_prefixes",
    "graphite_rollup",
    "http_port",
    "include_from",
    "interserver_http_credentials",
    "interserver_http_host",
    "interserver_http_port",
    "ldap_servers",
    "listen_backlog",
    "listen_host",
    "macros",
    "merge_tree",
    "named_collections",
    "openSSL",
    "query_masking_rules",
    "remote_servers",
    "storage_configuration",
    "tcp_port",
    "tcp_port_secure",
    "user_directories",
    "users_config",
)
# Other elements, each of which resembles a known one.
LOOKALIKES = ("https_port", "interserver_https_host", "interserver_https_port")
# How much a name must resemble a known one, from 0 to 1, and by how many characters it may be longer or shorter.
SIMILAR, MORE = 0.9, 2


def misspelt(version: str, content: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """(name, known name) of each element that is probably a mistake.

    A later version than the tested ones may have elements with such names, so nothing is a mistake there.
    """
    newest = max(parse_version(release) for release in RELEASES)
    if not is_version(version) or parse_version(version) > newest:
        return
    for name in map(str, content):
        if name in KNOWN or name in LOOKALIKES or name.startswith("@"):
            continue
        near = [known for known in KNOWN if abs(len(known) - len(name)) <= MORE]
        similar = difflib.get_close_matches(name, near, 1, SIMILAR)
        if similar:
            yield name, similar[0]
