# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Settings of zoo.cfg: known, unknown, newer, set by the role, unsafe; compared with what the builds read."""

import re

import pytest
from helpers import CAPTURED
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.zoo_cfg import (
    FAMILIES,
    ROLE_KEYS,
    SINCE_3_8,
    SINCE_3_9,
    SYSTEM_PROPERTIES,
    known_keys,
    validate_zoo_cfg,
    zoo_cfg_value,
)

# What a build reads that is no key for an operator of a member, and why.
LEFT_OUT = {
    "authProvider.": "a family",
    "authProvider.x509": "of the family authProvider",
    "ssl.": "the TLS keys are listed for themselves",
    "ssl.quorum.": "the TLS keys are listed for themselves",
    "bitHashCacheSize": "a size that only tests change",
    "client.secure": "of clients",
    "clientCnxnSocket": "of clients",
    "disableAutoWatchReset": "of clients",
    "kinit": "of clients",
    "request.timeout": "of clients",
    "sasl.client": "of clients",
    "sasl.client.canonicalize.hostname": "of clients",
    "sasl.client.username": "of clients",
    "sasl.clientconfig": "of clients",
    "server.principal": "of clients",
    "server.realm": "of clients",
    "configuration": "of the tool that compares configurations",
    "controllerPort": "of the test controller",
    "testingonly.initialZxid": "of tests",
    "jmx.log4j.disable": "read before zoo.cfg is",
    "jmx.log4j.mbean": "read before zoo.cfg is",
    "requireKerberosConfig": "of tests",
    "version": "of the dynamic configuration",
}


def build(version):
    """(keys that the parser of a build knows, properties that its classes read) without their prefix."""
    lines = (CAPTURED / "zookeeper" / "keys" / f"{version}.txt").read_text().splitlines()
    parsed = {line.removeprefix("parsed ") for line in lines if line.startswith("parsed ")}
    return parsed, {line.removeprefix("zookeeper.") for line in lines if not line.startswith("parsed ")}


def errors(settings, version="3.8.0", allow_unsafe=()):
    found = validate_zoo_cfg(settings, version, "zk1", list(allow_unsafe))
    assert all((error.check, error.subject) == ("zookeeper_extra_config", "zk1") for error in found)
    return [error.found for error in found]


@pytest.mark.parametrize("version", ["3.8.0", "3.9.3"])
def test_every_known_key_is_one_that_the_build_reads(version):
    parsed, properties = build(version)
    tls = {key for key in known_keys(version) if key.startswith("ssl.")}
    assert sorted(known_keys(version) - tls - parsed - properties) == []


@pytest.mark.parametrize("version", ["3.8.0", "3.9.3"])
def test_every_property_that_the_build_reads_is_known_or_left_out_for_a_reason(version):
    _parsed, properties = build(version)
    assert sorted(properties - known_keys(version) - set(LEFT_OUT)) == []


def test_what_is_new_in_3_9_is_not_in_3_8():
    parsed, properties = build("3.8.0")
    assert not SINCE_3_9 & (parsed | properties | SINCE_3_8)


def test_what_the_role_writes_is_known():
    assert set(ROLE_KEYS) <= SINCE_3_8


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"globalOutstandingLimit": 2000, "fsync.warningthresholdms": "500"},
        {"ssl.quorum.keyStore.location": "/etc/zookeeper/key.pem", "ssl.clientAuth": "need"},
        {"metricsProvider.className": "x.Y", "metricsProvider.httpPort": 7000, "authProvider.sasl": "x.Z"},
        {"skipACL": "no", "forceSync": True, "weight.1": 1, "admin.serverAddress": "127.0.0.1"},
    ],
)
def test_what_is_known_and_safe_is_accepted(settings):
    assert errors(settings) == []


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("maxClientConns", "maxClientCnxns"),
        ("autopurge.purgeIntervall", "autopurge.purgeInterval"),
        ("globaloutstandinglimit", "globalOutstandingLimit"),
        ("ssl.quorum.keystore.location", "ssl.quorum.keyStore.location"),
    ],
)
def test_a_typo_is_invalid_with_the_nearest_known_key(typo, meant):
    assert errors({typo: 1}) == [f"unknown key {typo} for ZooKeeper 3.8.0; did you mean {meant}?"]


def test_a_key_of_a_newer_version_is_invalid_and_accepted_there():
    assert errors({"admin.snapshot.enabled": True}, "3.8.0") == [
        "admin.snapshot.enabled needs ZooKeeper 3.9 or later; this is 3.8.0"
    ]
    assert errors({"admin.snapshot.enabled": True}, "3.9.3") == []


@pytest.mark.parametrize(("key", "variable"), [(key, variable) for key, variable in ROLE_KEYS.items() if variable])
def test_a_key_of_the_role_is_invalid_and_names_its_variable(key, variable):
    assert errors({key: 1}) == [f"the role sets {key}; use the variable {variable}"]


@pytest.mark.parametrize("key", SYSTEM_PROPERTIES)
def test_a_system_property_is_invalid(key):
    assert errors({key: 1})[0].startswith(f"{key} is a Java system property, which zoo.cfg cannot set; ")


def test_membership_comes_from_the_inventory():
    assert errors({"server.4": "0.0.0.0:2888:3888"}) == ["server.4 defines membership, which comes from the inventory"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("skipACL", "yes"),
        ("skipACL", True),
        ("forceSync", "no"),
        ("forceSync", False),
        ("snapshot.trust.empty", "True"),
        ("admin.serverAddress", "0.0.0.0"),
        ("clientPortAddress", "0.0.0.0"),
        ("quorumListenOnAllIPs", True),
        ("weight.2", 3),
        ("leaderServes", "no"),
    ],
)
def test_an_unsafe_value_is_invalid_until_it_is_allowed(key, value):
    (error,) = errors({key: value})
    assert error.startswith(f"{key}={zoo_cfg_value(value)} is unsafe: ")
    assert error.endswith(f"To accept it, add {key} to zookeeper_allow_unsafe_settings")
    assert errors({key: value}, allow_unsafe=[key]) == []


@pytest.mark.parametrize("value", [None, [], {}, "a\nserver.9=x", "a\rb"])
def test_a_value_that_is_no_line_is_invalid(value):
    assert errors({"globalOutstandingLimit": value}) == [
        f"globalOutstandingLimit: found {value!r}, expected one line of text, a number or a boolean"
    ]


@given(st.dictionaries(st.text(), st.one_of(st.none(), st.booleans(), st.integers(), st.text())))
def test_garbage_is_invalid_and_never_raises(settings):
    unknown = {
        key
        for key in settings
        if key not in known_keys("3.8.0") and not any(re.fullmatch(family, key) for family in FAMILIES)
    }
    assert len(unknown) <= len(errors(settings))
