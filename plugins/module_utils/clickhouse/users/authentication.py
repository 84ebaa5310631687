# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""How a user proves who it is. Passwords become hashes here, on the control node. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..features import has
from .common import Problem, mapping, texts, unknown

# What the hash of a password is called in users.xml, and the feature that it needs.
HASHES = {
    "sha256": ("password_sha256_hex", ""),
    "double_sha1": ("password_double_sha1_hex", "users_double_sha1"),
}
# Each way to log in, and the feature that it needs.
METHODS = {
    "password": "",
    "password_sha256_hex": "",
    "password_double_sha1_hex": "users_double_sha1",
    "no_password": "",
    "ldap": "users_ldap",
    "kerberos": "users_kerberos",
    "ssl_certificates": "users_certificates",
}
TYPE = "password_type"
DIGITS = {"password_sha256_hex": 64, "password_double_sha1_hex": 40}
# Names of a certificate, and the feature that each needs.
SUBJECTS = {"common_name": "", "subject_alt_name": "users_certificate_alt_names"}
SEVERAL = "auth_methods"
# A common name may contain one asterisk in newer versions; here it is the name itself.
SUBJECT = r"[^\x00-\x1f*]+"


def hash_password(password: str, kind: str) -> str:
    data = password.encode()
    if kind == "double_sha1":
        return hashlib.sha1(hashlib.sha1(data).digest()).hexdigest()
    return hashlib.sha256(data).hexdigest()


def methods_of(user: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The ways in which a user may log in, each as a dict with one of METHODS."""
    if SEVERAL in user:
        several = user[SEVERAL]
        return [mapping(item) for item in several] if isinstance(several, (list, tuple)) else []
    return [{key: user[key] for key in (*METHODS, TYPE) if key in user}]


def is_open(user: Mapping[str, Any]) -> bool:
    """Whether the user needs no password."""
    return any(method.get("no_password") for method in methods_of(user))


def elements(user: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The elements of users.xml: of a valid user only."""
    methods = [_element(method, version) for method in methods_of(user)]
    if len(methods) == 1:
        return methods[0]
    return {SEVERAL: {f"method{number}": method for number, method in enumerate(methods, 1)}}


def _element(method: Mapping[str, Any], version: str) -> dict[str, Any]:
    if "password" in method:
        kind = method.get(TYPE) or "sha256"
        return {HASHES[kind][0]: hash_password(str(method["password"]), kind)}
    if "no_password" in method:
        return {"no_password" if has(version, "users_no_password") else "password": None}
    if "kerberos" in method:
        return {"kerberos": dict(method["kerberos"]) or None}
    (key,) = [key for key in METHODS if key in method]
    return {key: method[key].lower() if key in DIGITS else method[key]}


def features(where: str, user: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a version must know, and the feature for it."""
    methods = methods_of(user)
    if len(methods) > 1:
        yield f"{where}: {SEVERAL}", "users_several_methods"
    for method in methods:
        for key in (key for key in METHODS if key in method):
            yield f"{where}: {key}", METHODS[key]
        if method.get(TYPE) in HASHES:
            yield f"{where}: {TYPE}: {method[TYPE]}", HASHES[method[TYPE]][1]
        for name in mapping(method.get("ssl_certificates")):
            yield f"{where}: ssl_certificates: {name}", SUBJECTS.get(name, "")


def problems(where: str, user: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems of all ways to log in. They do not show values that may be secret."""
    if SEVERAL not in user:
        yield from _one(where, methods_of(user)[0])
        return
    beside = [key for key in (*METHODS, TYPE) if key in user]
    if beside:
        yield f"{where}: {SEVERAL} beside {', '.join(beside)}", f"all of them in {SEVERAL}"
    items = user[SEVERAL]
    if not isinstance(items, (list, tuple)) or not items or not all(isinstance(item, Mapping) for item in items):
        yield (
            f"{where}: {SEVERAL} that is not a list of dicts",
            "such as [{password: ...}, {ldap: {server: x}}]",
        )
        return
    for number, item in enumerate(items, 1):
        here = f"{where}: {SEVERAL} {number}"
        for key in (key for key in item if key not in (*METHODS, TYPE)):
            yield unknown(here, key, (*METHODS, TYPE))
        yield from _one(here, item)
    if len(items) > 1 and is_open(user):
        yield f"{where}: no_password beside another method", "one of them"


def _one(where: str, method: Mapping[str, Any]) -> Iterator[Problem]:
    used = [key for key in METHODS if key in method]
    if len(used) != 1:
        more = f"; several belong into {SEVERAL}" if used else ""
        yield f"{where}: {' and '.join(used) or 'no way to log in'}", f"one of {', '.join(METHODS)}{more}"
        return
    (key,) = used
    if TYPE in method and key != "password":
        yield f"{where}: {TYPE} without password", "password, or the hash alone"
    elif TYPE in method and method[TYPE] not in HASHES:
        yield f"{where}: {TYPE}: {method[TYPE]}", f"one of {', '.join(HASHES)}"
    yield from _value(where, key, method[key])


def _value(where: str, key: str, value: Any) -> Iterator[Problem]:
    if key == "password":
        # A number in YAML would lose leading zeros.
        if isinstance(value, (Mapping, list, tuple, bool, int, float)) or value is None or not str(value):
            yield f"{where}: an empty password, or one that is not a text", "a text, in quotes"
    elif key in DIGITS:
        if not re.fullmatch(rf"[0-9A-Fa-f]{{{DIGITS[key]}}}", str(value)):
            yield f"{where}: {key} of another form", f"{DIGITS[key]} hexadecimal digits"
    elif key == "no_password":
        if value is not True:
            yield f"{where}: no_password: {value}", "true"
    elif key == "ldap":
        if set(mapping(value)) != {"server"} or not _is_word(value["server"]):
            yield f"{where}: ldap: {value}", "{server: NAME}, the name of a server in ldap_servers of config.xml"
    elif key == "kerberos":
        if not isinstance(value, Mapping) or set(value) - {"realm"} or not all(map(_is_word, value.values())):
            yield f"{where}: kerberos: {value}", "{realm: EXAMPLE.COM}, or {} for every realm"
    elif not isinstance(value, Mapping) or not value:
        yield f"{where}: ssl_certificates: {value}", "a dict with common_name or subject_alt_name, each a list"
    else:
        for name, subjects in value.items():
            here = f"{where}: ssl_certificates"
            if name not in SUBJECTS:
                yield unknown(here, name, SUBJECTS)
            else:
                yield from texts(f"{here}: {name}", subjects, "names of certificates", SUBJECT)


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[\w.-]+", value))
