# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Keys of zoo.cfg: known, misspelt, newer, the role's own, dangerous; checked against what the builds read."""

import re

import pytest
from helpers import CAPTURED
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.settings import (
    FAMILIES,
    FLAGS,
    OWNED,
    SINCE_3_8,
    SINCE_3_9,
    judge_settings,
    known_keys,
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


def refused(settings, version="3.8.0", acknowledged=()):
    return [(one.subject, one.found, one.expected, one.hint) for one in judge_settings(settings, version, acknowledged)]


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
    assert set(OWNED) <= SINCE_3_8


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
    assert refused(settings) == []


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("maxClientConns", "maxClientCnxns"),
        ("autopurge.purgeIntervall", "autopurge.purgeInterval"),
        ("globaloutstandinglimit", "globalOutstandingLimit"),
        ("ssl.quorum.keystore.location", "ssl.quorum.keyStore.location"),
    ],
)
def test_a_typo_is_refused_with_the_nearest_known_key(typo, meant):
    expected = (typo, "a key that ZooKeeper 3.8.0 does not know", "a key that it knows", f"Is {meant} meant?")
    assert refused({typo: 1}) == [expected]


def test_a_key_of_a_newer_version_is_refused_and_accepted_there():
    assert refused({"admin.snapshot.enabled": True}, "3.8.0") == [
        ("admin.snapshot.enabled", "a key of 3.9, on 3.8.0", "a key that this version knows", "")
    ]
    assert refused({"admin.snapshot.enabled": True}, "3.9.3") == []


@pytest.mark.parametrize(("key", "given"), [(key, given) for key, given in OWNED.items() if given])
def test_a_key_of_the_role_is_refused_with_its_input(key, given):
    assert refused({key: 1}) == [(key, "a key that the role writes", f"the input {given}", "")]


@pytest.mark.parametrize("key", FLAGS)
def test_a_flag_of_java_is_refused(key):
    assert refused({key: 1})[0][1] == "a flag of Java, which zoo.cfg cannot set"


def test_membership_is_the_inventorys():
    assert refused({"server.4": "0.0.0.0:2888:3888"})[0][:2] == ("server.4", "membership")


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
def test_a_danger_is_refused_until_it_is_acknowledged(key, value):
    ((subject, found, _expected, hint),) = refused({key: value})
    assert subject == key and found.startswith(zoo_cfg_value(value))
    assert hint == f"zookeeper_acknowledge: [{key}] accepts it."
    assert refused({key: value}, acknowledged=[key]) == []


@pytest.mark.parametrize("value", [None, [], {}, "a\nserver.9=x", "a\rb"])
def test_a_value_that_is_no_line_is_refused(value):
    assert refused({"globalOutstandingLimit": value})[0][1] == repr(value)


@given(st.dictionaries(st.text(), st.one_of(st.none(), st.booleans(), st.integers(), st.text())))
def test_garbage_is_refused_and_never_raises(settings):
    unknown = {
        key
        for key in settings
        if key not in known_keys("3.8.0") and not any(re.fullmatch(family, key) for family in FAMILIES)
    }
    assert unknown <= {one.subject for one in judge_settings(settings, "3.8.0", [])}
