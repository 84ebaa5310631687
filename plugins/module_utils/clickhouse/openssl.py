# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ports with TLS, and clickhouse_openssl: certificates and keys that are on the host already. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from ..findings import Finding, validation_error
from ..topology.parse import parse_number
from .settings import BOOL, INT, TEXT, Setting, choice

VARIABLE, SECTION, FRAGMENT = "clickhouse_openssl", "openSSL", "openssl"
# The element of each port; 0 opens none.
PORTS = {"clickhouse_https_port": "https_port", "clickhouse_tcp_secure_port": "tcp_port_secure"}
NEEDED = ("certificateFile", "privateKeyFile")
DH_PARAMS = "dhParamsFile"
FLAG = Setting(FRAGMENT, BOOL)
FILE = Setting(FRAGMENT, TEXT, pattern=r"/\S+", expected="an absolute path on the host")
LIST = Setting(FRAGMENT, TEXT, pattern=r"\S+", expected="a text without spaces")
BOTH = {
    "certificateFile": FILE,
    "privateKeyFile": FILE,
    # A file or a directory.
    "caConfig": FILE,
    "loadDefaultCAFile": FLAG,
    "verificationMode": choice(FRAGMENT, ("none", "relaxed", "strict", "once")),
    "verificationDepth": Setting(FRAGMENT, INT, minimum=1, maximum=100),
    "extendedVerification": FLAG,
    "cipherList": LIST,
    "disableProtocols": LIST,
    "preferServerCiphers": FLAG,
    "cacheSessions": FLAG,
    "invalidCertificateHandler": choice(
        FRAGMENT, ("AcceptCertificateHandler", "RejectCertificateHandler"), path="invalidCertificateHandler/name"
    ),
}
# The server for its clients, and as a client of others.
SIDES: dict[str, Mapping[str, Setting]] = {
    "server": {
        **BOTH,
        DH_PARAMS: FILE,
        "sessionIdContext": LIST,
        # Seconds.
        "sessionTimeout": Setting(FRAGMENT, INT, minimum=1),
    },
    "client": BOTH,
}


def openssl_values(options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(path of the element, value) of what is set and known."""
    for side, table in SIDES.items():
        for key, value in _mapping(options.get(side)).items():
            if key in table and value is not None:
                yield f"{SECTION}/{side}/{table[key].path or key}", value
    server = _mapping(options.get("server"))
    if server and not server.get(DH_PARAMS):
        # The packages of 18.16 name a file that they do not contain, and no server starts with a port that needs it.
        yield f"{SECTION}/server/{DH_PARAMS}", {"@remove": "remove"}


def secure_elements(variables: Mapping[str, Any]) -> dict[str, str]:
    """The variable of each element that is set, by its path."""
    ports = {element: variable for variable, element in PORTS.items() if _port(variables, variable)}
    return {**ports, **{path: VARIABLE for path, _value in openssl_values(variables.get(VARIABLE) or {})}}


def _port(variables: Mapping[str, Any], variable: str) -> int:
    """0 also for what the topology does not accept."""
    return parse_number(variables.get(variable)) or 0


def validate_openssl(host: str, variables: Mapping[str, Any]) -> Iterator[Finding]:
    options = variables.get(VARIABLE) or {}
    for side, values in options.items():
        if side not in SIDES:
            yield validation_error(VARIABLE, host, f"unknown key {side}", " or ".join(SIDES))
        elif not isinstance(values, Mapping):
            yield validation_error(VARIABLE, host, f"{side}: a value of type {type(values).__name__}", "a dict")
        else:
            for found, expected in _problems(values, SIDES[side]):
                yield validation_error(VARIABLE, host, f"{side}: {found}", expected)
    known = [_server(options), _server(_mapping(variables.get("clickhouse_extra_config")).get(SECTION))]
    lacking = [key for key in NEEDED if not any(item.get(key) for item in known)]
    for variable in PORTS if lacking else ():
        if port := _port(variables, variable):
            expected = f"{' and '.join(lacking)} in {VARIABLE}, section server"
            hint = "The files must be on the host, and the user clickhouse must be able to read them."
            yield validation_error(variable, host, f"the port {port} without a certificate", expected, hint)


def _problems(values: Mapping[str, Any], table: Mapping[str, Setting]) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if key not in table:
            similar = difflib.get_close_matches(str(key), table, 1)
            yield f"unknown key {key}", f"{similar[0]}, which is similar" if similar else f"one of {', '.join(table)}"
        elif value is not None and (expected := table[key].problem(value)):
            yield f"{key}: {value}", expected


def openssl_files(options: Mapping[str, Any]) -> dict[str, str]:
    """The path of each file or directory that the options name, by side and key."""
    return {
        f"{side}: {key}": str(value)
        for side, table in SIDES.items()
        for key, value in _mapping(_mapping(options).get(side)).items()
        if table.get(key) is FILE and value
    }


def validate_openssl_files(host: str, options: Mapping[str, Any], unreadable: Mapping[str, str]) -> Iterator[Finding]:
    """unreadable: what is wrong with a path, as the module clickhouse_server_info returned it."""
    for name, path in openssl_files(options).items():
        if path in unreadable:
            expected = "a file that is on the host and that the user clickhouse can read"
            yield validation_error(VARIABLE, host, f"{name}: {path}, which {unreadable[path]}", expected)


def _server(section: Any) -> Mapping[str, Any]:
    return _mapping(_mapping(section).get("server"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
