# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What the engines reject, beside the same setting as it should be: a test with an engine would see such a mistake."""

import pytest
from engines import EngineFailure

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError

# The directory of the fragment, the fragment as it should be, and what the mistake replaces by what.
AT_START = {
    "unknown setting of a profile": (
        "users.d",
        "<profiles><default><max_memory_usage>1000000000</max_memory_usage></default></profiles>",
        ("max_memory_usage", "max_memory_usag"),
    ),
    "value of a wrong type in a profile": (
        "users.d",
        "<profiles><default><max_block_size>4096</max_block_size></default></profiles>",
        (">4096<", ">many<"),
    ),
    "missing profile of a user": (
        "users.d",
        "<users><a><password/><profile>default</profile></a></users>",
        (">default<", ">missing<"),
    ),
    "value of a wrong type in the server's settings": (
        "config.d",
        "<max_connections>100</max_connections>",
        (">100<", ">many<"),
    ),
    "XML that is not well-formed": ("users.d", "<users><b><password/></b></users>", ("</b>", "</c>")),
    "invalid network of a user": (
        "users.d",
        "<users><c><password/><networks><ip>10.0.0.0/8</ip></networks></c></users>",
        ("/8", "/99"),
    ),
}
# The same in config.d, and the statement that fails with it.
IN_USE = {
    "unknown setting of merge_tree": (
        "<merge_tree><parts_to_throw_insert>300</parts_to_throw_insert></merge_tree>",
        ("parts_to_throw_insert", "parts_to_throw"),
        "CREATE TABLE plain (n Int8) ENGINE = MergeTree ORDER BY n",
    ),
    "unknown element in remote_servers": (
        "<remote_servers><c><shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard></c></remote_servers>",
        ("shard>", "shart>"),
        "SELECT * FROM system.clusters",
    ),
    "missing disk of a policy": (
        "<storage_configuration><policies><p><volumes><v><disk>default</disk></v></volumes></p></policies></storage_configuration>",
        (">default<", ">missing<"),
        "SELECT * FROM system.storage_policies",
    ),
}
IGNORED = "<max_connection>7</max_connection>"


def fragments(texts):
    """Files of config.d for the texts."""
    return {f"config.d/{n}.xml": text for n, text in enumerate(texts)}


@pytest.fixture(scope="session")
def right(version, started):
    """An engine with all fragments as they should be."""
    users = {f"users.d/{n}.xml": text for n, (place, text, _x) in enumerate(AT_START.values()) if place == "users.d"}
    texts = [text for place, text, _x in AT_START.values() if place == "config.d"]
    return started(version, {**users, **fragments([*texts, *(text for text, *_x in IN_USE.values()), IGNORED])})


@pytest.fixture(scope="session")
def wrong(version, started):
    """An engine with all mistakes that it notices only when the setting is used."""
    return started(version, fragments(text.replace(*mistake) for text, mistake, _query in IN_USE.values()))


@pytest.mark.parametrize("mistake", AT_START)
def test_an_engine_does_not_start_with(version, start, mistake):
    directory, text, replacement = AT_START[mistake]
    assert text.replace(*replacement) != text
    with pytest.raises(EngineFailure):
        start(version, {f"{directory}/mistake.xml": text.replace(*replacement)})


@pytest.mark.parametrize("mistake", IN_USE)
def test_an_engine_does_not_work_with(right, wrong, mistake):
    _text, _replacement, query = IN_USE[mistake]
    right.query(query)
    with pytest.raises(ClickHouseError):
        wrong.query(query)


def test_an_engine_has_what_is_right(right):
    assert right.query("SELECT value FROM system.server_settings WHERE name = 'max_connections'") == "100\n"
    assert right.query("SELECT name FROM system.users WHERE name IN ('a', 'b', 'c') ORDER BY name") == "a\nb\nc\n"
    assert right.query("SELECT getSetting('max_memory_usage'), getSetting('max_block_size')") == "1000000000\t4096\n"


def test_an_engine_ignores_an_unknown_setting_of_the_server(right):
    """So the settings that the role writes are compared with system.server_settings."""
    assert right.query("SELECT count() FROM system.server_settings WHERE name = 'max_connection'") == "0\n"


def test_a_crash_of_an_engine_is_one_failure(version, start):
    engine = start(version, {})
    engine.kill()
    with pytest.raises(EngineFailure, match="the process ended with -9"):
        engine.query("SELECT 1")
