# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which questions a changed fragment leads to, by version, and which answers are mistakes."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import RELEASES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.read_back import (
    CONFIG,
    USERS,
    Change,
    Question,
    Wanted,
    answers,
    mistakes,
    questions,
    shown,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.server_config import merge

OLD, NEW = "18.16.1", "25.8.2.1"
LIMITS = "<max_concurrent_queries>{}</max_concurrent_queries>"
MACROS = "<macros><shard>{}</shard></macros>"
USER = "<users><reader><networks><ip>::/0</ip></networks></reader></users>"
FILTERED = "<users><reader><databases><demo><hits><filter>site = 1</filter></hits></demo></databases></reader></users>"
PROFILES = "<profiles><default><max_threads>{}</max_threads></default><web><readonly>1</readonly></web></profiles>"
QUOTAS = "<quotas><q><interval><duration>60</duration><queries>{}</queries><errors>0</errors></interval></q></quotas>"
CLUSTERS = """<remote_servers><main>
    <shard><replica><host>ch1</host><port>9000</port></replica></shard>
    <shard><replica><host>{}</host><port>9000</port></replica></shard>
</main></remote_servers>"""


def parsed(text):
    return None if text is None else ET.fromstring(f"<clickhouse>{text}</clickhouse>")


def asked(fragment, before, after, version=NEW, other="", login="admin"):
    """Per kind, the query and the values by name that the questions want. other: what further files contain."""
    merged = {CONFIG: parsed(""), USERS: parsed("<users><admin/></users>")}
    section = fragment.partition("/")[0]
    for text in (after or "", other):
        merge(merged[section], parsed(text))
    change = Change(fragment, parsed(before), parsed(after))
    found = questions([change], merged[CONFIG], merged[USERS], version, login)
    assert {wanted.fragment for question in found for wanted in question.wanted.values()} <= {fragment}
    return {question.kind: {name: wanted.value for name, wanted in question.wanted.items()} for question in found}


@pytest.mark.parametrize("version", [OLD, NEW])
def test_every_version_shows_macros_and_clusters(version):
    assert asked("config.d/macros.xml", MACROS.format("01"), MACROS.format("02"), version) == {"macro": {"shard": "02"}}
    before, after = CLUSTERS.format("ch2"), CLUSTERS.format("ch3")
    assert asked("config.d/remote_servers.xml", before, after, version) == {
        "cluster": {"main/1/ch1:9000": "present", "main/2/ch2:9000": None, "main/2/ch3:9000": "present"}
    }


@pytest.mark.parametrize(
    ("fragment", "before", "after", "old", "new"),
    [
        ("config.d/limits.xml", None, LIMITS.format(7), {}, {"server setting": {"max_concurrent_queries": "7"}}),
        ("config.d/limits.xml", LIMITS.format(7), None, {}, {}),
        ("config.d/zz-shared.xml", None, "<macros><a from_zk='/a'/></macros><max_connections incl='m'/>", {}, {}),
        ("config.d/remote_servers.xml", None, CLUSTERS.replace("<port>9000</port>", ""), {}, {}),
        ("users.d/users.xml", None, USER, {"user": {"reader": "present"}}, {"user": {"reader": "present"}}),
        ("users.d/users.xml", USER, None, {"user": {"reader": None}}, {"user": {"reader": None}}),
        (
            "users.d/users.xml",
            USER,
            FILTERED,
            {"user": {"reader": "present"}},
            {"user": {"reader": "present"}, "row policy": {"reader ON demo.hits": "present"}},
        ),
        (
            "users.d/profiles.xml",
            None,
            PROFILES.format(2),
            # Of the user who asks.
            {"profile setting": {"default/max_threads": "2"}},
            {"profile setting": {"default/max_threads": "2", "web/readonly": "1"}},
        ),
        (
            "users.d/profiles.xml",
            PROFILES.format(2),
            None,
            {},
            {"profile setting": dict.fromkeys(["default/max_threads", "web/readonly"])},
        ),
        ("users.d/zz-extra.xml", None, QUOTAS.replace("60", "0").format(2), {}, {}),
        ("users.d/quotas.xml", QUOTAS.format(1), QUOTAS.format(2), {}, {"quota": {"q/60/queries": "2"}}),
        ("users.d/quotas.xml", QUOTAS.format(1), QUOTAS.format(0), {}, {"quota": {"q/60/queries": None}}),
    ],
)
def test_what_a_version_shows_is_asked(fragment, before, after, old, new):
    assert asked(fragment, before, after, OLD) == old
    assert asked(fragment, before, after, NEW) == new


def test_what_another_file_sets_otherwise_is_not_asked():
    assert asked("config.d/limits.xml", None, LIMITS.format(7), other=LIMITS.format(8)) == {}
    assert asked("config.d/limits.xml", LIMITS.format(7), None, other=LIMITS.format(7)) == {}
    assert asked("users.d/users.xml", USER, None, other=USER) == {}


def test_an_old_server_shows_the_profile_of_the_user_who_asks_only():
    other = "<users><admin><profile>web</profile></admin></users>"
    wanted = {"profile setting": {"web/readonly": "1"}}
    assert asked("users.d/profiles.xml", None, PROFILES.format(2), OLD, other) == wanted
    assert asked("users.d/profiles.xml", None, PROFILES.format(2), OLD, login="no name") == {
        "profile setting": {"default/max_threads": "2"}
    }


def wrong(wanted, found, kind="profile setting", name="p/s", default="", before=None):
    rows = [] if found is None else [{"name": name, "value": found, "default": default}]
    question = Question(kind, "SELECT", {name: Wanted("users.d/profiles.xml", wanted, before)})
    return [(name, text) for name, _wanted, text in mistakes(question, answers(question, rows))]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("1", "1"),
        ("true", "1"),
        ("0", "false"),
        ("0.9", "0.90"),
        ("random", "RANDOM"),
        # Forms of its own.
        ("10G", "10000000000"),
        ("0", "auto(8)"),
        ("a,b", "['a','b']"),
        (None, None),
    ],
)
def test_a_value_that_the_server_has(wanted, found):
    assert wrong(wanted, found) == []


@pytest.mark.parametrize(
    ("wanted", "found", "text"),
    [
        ("1", "2", "2"),
        ("true", "0", "0"),
        ("random", "in_order", "in_order"),
        ("1", None, "missing"),
        (None, "1", "1"),
    ],
)
def test_a_value_that_the_server_does_not_have(wanted, found, text):
    assert wrong(wanted, found) == [("p/s", text)]


def test_a_server_setting_that_the_table_does_not_list_is_not_compared():
    assert wrong("7", None, "server setting", "max_connections") == []


@pytest.mark.parametrize(
    ("found", "before", "mistake"),
    [
        ("800", None, False),
        ("500", "500", True),
        ("0", None, True),
        ("1001", None, True),
    ],
)
def test_a_server_may_lower_a_value_to_what_the_host_has_but_not_keep_that_of_before(found, before, mistake):
    found = wrong("1000", found, "server setting", "max_server_memory_usage", default="0", before=before)
    assert bool(found) is mistake
    assert wrong("1000", "800", "server setting", "max_concurrent_queries") != []
    assert wrong("0", "800", "server setting", "max_server_memory_usage", default="0") == []


def test_the_limits_of_a_quota_are_columns():
    row = {"quota_name": "q", "duration": 60, "max_queries": 2, "max_errors": None, "max_execution_time": 1.5}
    question = Question(
        "quota", "SELECT", {name: Wanted("users.d/quotas.xml", "2") for name in ("q/60/queries", "q/60/x")}
    )
    assert answers(question, [row]) == {"q/60/queries": ("2", ""), "q/60/execution_time": ("1.5", "")}
    assert [(name, text) for name, _wanted, text in mistakes(question, answers(question, [row]))] == [
        ("q/60/x", "missing")
    ]


NAMES = st.sampled_from(["a", "b", "c"])
TREES = st.builds(
    lambda macros, settings: "".join(
        [f"<macros>{''.join(f'<{name}>{value}</{name}>' for name, value in macros.items())}</macros>"]
        + [f"<{name}>{value}</{name}>" for name, value in settings.items()]
    ),
    st.dictionaries(NAMES, st.integers(0, 3)),
    st.dictionaries(NAMES, st.integers(0, 3)),
)


@given(before=st.none() | TREES, after=st.none() | TREES, other=TREES, version=st.sampled_from(RELEASES))
def test_a_server_that_has_read_its_files_makes_no_mistake_and_one_that_has_not_does(before, after, other, version):
    def merged(text):
        root = parsed("")
        for part in (text or "", other):
            merge(root, parsed(part))
        return root

    def rows(root, question):
        values = {name: value for (kind, name), value in shown(root, CONFIG).items() if kind == question.kind}
        return [{"name": name, "value": value} for name, value in values.items()]

    change = Change("config.d/a.xml", parsed(before), parsed(after))
    asked = questions([change], merged(after), parsed(""), f"{version}.1", "admin")
    for question in asked:
        assert list(mistakes(question, answers(question, rows(merged(after), question)))) == []
        old = {row["name"]: row["value"] for row in rows(merged(before), question)}
        differing = {name for name, item in question.wanted.items() if item.value != old.get(name)}
        stale = {
            name for name, _wanted, _found in mistakes(question, answers(question, rows(merged(before), question)))
        }
        assert stale == {name for name in differing if question.kind == "macro" or name in old}
